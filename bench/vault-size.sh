#!/usr/bin/env bash
# What a read costs with 1,000,000 connections in the store, beside what it costs with 10; on SQLite and on PostgreSQL.
#
#   wrk -> trunkline (10 connections)        -> vendor
#   wrk -> trunkline (1,000,000 connections) -> vendor
#
# Both servers run at once and are measured in turn, so that what else the machine does falls on both. The vendor is an nginx
# with a fixed page of 20 Agile contacts; its CPU time does not count. Loopback only.
#
#   warm   what is asked for is in the gateway's memory: all of the 10, and WARM (10,000) of the 1,000,000. At most 1.1 times. Calls
#          are logged, as they are by default.
#   cold   nothing is kept in the gateway's memory (cache_entries = 0): every request is answered from the database, for any of
#          the 10, and any of the 1,000,000. The database's own cache and the system's are as they are. At most 1.5 times.
#   first  the first read of each of 10 consumers after a start with the default memory: latency, over RESTARTS (10) starts.
#   list   GET /vault/connections of the consumers of `warm`.
#
# CONNECTIONS (1000000), ROUNDS (7), SECONDS_EACH (3), CONCURRENCY (4), WARM and RESTARTS may be set; STORES names a directory
# where the filled files stay for another run. POSTGRES is the server (postgres://postgres@127.0.0.1:5432) in which two databases
# are made and dropped; without an answer from it, SQLite alone is measured. Needs cargo (or TRUNKLINE_BIN and VAULT_SIZE_BIN),
# python3, sqlite3, psql, nginx and wrk; installs the last four where missing.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
connections=${CONNECTIONS:-1000000} rounds=${ROUNDS:-7} seconds_each=${SECONDS_EACH:-3} concurrency=${CONCURRENCY:-4}
warm=${WARM:-10000} restarts=${RESTARTS:-10} applications=100
postgres=${POSTGRES:-postgres://postgres@127.0.0.1:5432}
((warm <= connections)) || warm=$connections

target=${CARGO_TARGET_DIR:-$here/../target}/release
trunkline=${TRUNKLINE_BIN:-$target/trunkline} vault_size=${VAULT_SIZE_BIN:-$target/examples/vault_size}
if [[ -z ${TRUNKLINE_BIN:-} || -z ${VAULT_SIZE_BIN:-} ]]; then
  (cd "$here/.." && cargo build --release --locked --quiet -p server -p connection-vault --bins --example vault_size)
fi

# shellcheck source=bench/common.sh
source "$here/common.sh"
need nginx:nginx-light wrk:wrk psql:postgresql-client sqlite3:sqlite3

database=trunkline_size_$$
export PGOPTIONS='-c client_min_messages=warning'
made=()
end_with_databases() {
  end
  local each
  for each in "${made[@]}"; do
    psql -qX "$postgres/postgres" -c "DROP DATABASE IF EXISTS $each WITH (FORCE)" || true
  done
}
trap end_with_databases EXIT

mapfile -t ports < <(free_ports 3)
vendor=127.0.0.1:${ports[0]}
declare -A address=([small]=127.0.0.1:${ports[1]} [large]=127.0.0.1:${ports[2]})

serve_vendor "$vendor"

# ---- the stores

unset TRUNKLINE_MASTER_KEY
stores=${STORES:-$work/stores}
mkdir -p "$stores"
[[ -e $stores/master.key ]] || "$trunkline" master-key generate --out "$stores/master.key" 2> /dev/null
export TRUNKLINE__SECRETS__MASTER_KEY_FILE=$stores/master.key

# fill SIZE CONNECTIONS APPLICATIONS
fill() {
  local seconds=$SECONDS
  if [[ ! -e $stores/$1.sqlite ]]; then
    "$vault_size" fill "$stores/filling.sqlite" "$2" "$3"
    sqlite3 "$stores/filling.sqlite" 'PRAGMA wal_checkpoint(TRUNCATE)' > /dev/null
    mv "$stores/filling.sqlite" "$stores/$1.sqlite"
  fi
  cp "$stores/$1.sqlite" .
  echo "$1: $(sqlite3 "$1.sqlite" 'SELECT COUNT(*) FROM connections') connections of" \
    "$(sqlite3 "$1.sqlite" 'SELECT COUNT(*) FROM applications') applications," \
    "$(du -m "$1.sqlite" | cut -f1) MB of SQLite, ready in $((SECONDS - seconds)) s"
}
fill small 10 1
fill large "$connections" "$applications"

# The same rows, with the keys that seal them, in a database whose tables `trunkline` has made.
copy_to_postgres() {
  local seconds=$SECONDS
  psql -qX "$postgres/postgres" -c "CREATE DATABASE ${database}_$1"
  made+=("${database}_$1")
  TRUNKLINE__STORE__DATABASE="$postgres/${database}_$1?sslmode=disable" "$trunkline" apps list --json > /dev/null
  python3 - "$1.sqlite" << 'PYTHON' | psql -qX -v ON_ERROR_STOP=1 "$postgres/${database}_$1"
import sqlite3, sys
store = sqlite3.connect(sys.argv[1])
tables = ["vault_facts", "data_keys", "applications", "api_keys", "integrations", "consumers", "connections", "events"]
special = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
def text(value):
    if value is None:
        return "\\N"
    return "\\\\x" + value.hex() if isinstance(value, bytes) else str(value).translate(special)
print("BEGIN; TRUNCATE", ", ".join(tables), "CASCADE;")
for table in tables:
    rows = store.execute(f"SELECT * FROM {table}")
    print(f"COPY {table} ({', '.join(column[0] for column in rows.description)}) FROM STDIN;")
    for row in rows:
        print("\t".join(map(text, row)))
    print("\\.")
print("COMMIT; VACUUM ANALYZE; CHECKPOINT;")
PYTHON
  local size
  size=$(psql -qXAt "$postgres/${database}_$1" -c 'SELECT pg_database_size(current_database()) / 1048576')
  echo "$1: the same rows, $size MB of PostgreSQL, copied in $((SECONDS - seconds)) s"
}
engines=(sqlite)
if answers "$(sed -E 's|.*[@/]([^@/]+)$|\1|' <<< "$postgres")"; then
  engines+=(postgresql)
  copy_to_postgres small
  copy_to_postgres large
else
  echo "skipped: PostgreSQL, since nothing answers at $postgres"
fi

# where ENGINE SIZE: what `database` says
where() {
  case $1 in
    sqlite) echo "$work/$2.sqlite" ;;
    postgresql) echo "$postgres/${database}_$2?sslmode=disable" ;;
  esac
}

# ---- the servers

declare -A process
# start ENGINE SIZE CACHE-ENTRIES
start() {
  cat > "$2.toml" << TOML
[server]
listen = "${address[$2]}"
[store]
database = "$(where "$1" "$2")"
cache_entries = $3
[egress]
remembered_connections = $(($3 ? $3 : 1000))
[log]
filter = "warn"
[connectors.agile-crm]
base_url = "http://$vendor/dev/api"
limits = { requests = 10000000, per_seconds = 1, concurrency = 1000 }
TOML
  "$trunkline" --config "$2.toml" serve > "$2.log" 2>&1 &
  process[$2]=$!
  started+=($!)
  await answers "${address[$2]}"
}
stop() {
  local each left=()
  for each in "$@"; do
    kill "${process[$each]}"
    wait "${process[$each]}" || true
    for one in "${started[@]}"; do [[ $one == "${process[$each]}" ]] || left+=("$one"); done
    started=("${left[@]}") left=()
  done
}

# "session CPU-µs" of each session of a size's database, where it is one of a PostgreSQL on this machine.
sessions() {
  local each
  for each in $(pgrep -f "^postgres: .* ${database}_$1 "); do echo "$each $(cpu "$each")"; done
}

# Requests for consumers in turn (`each`) or by chance (`any`): PATH each|any CONSUMERS APPLICATIONS
cat > consumers.lua << 'LUA'
local path, order, consumers, applications, at
function init(arguments)
  path, order, consumers, applications = arguments[1], arguments[2], tonumber(arguments[3]), tonumber(arguments[4])
  at = 0
  math.randomseed(20260212)
end
function request()
  local number = at
  if order == "any" then number = math.random(0, consumers - 1) else at = (at + 1) % consumers end
  local application = "app-" .. number % applications
  return wrk.format("GET", path, {
    ["Authorization"] = "Bearer key-of-" .. application,
    ["x-apideck-app-id"] = application,
    ["x-apideck-consumer-id"] = "consumer-" .. number,
  })
end
function done(summary, latency)
  local errors = summary.errors
  if errors.connect + errors.read + errors.write + errors.status + errors.timeout > 0 then
    io.write("some requests failed\n")
  end
  io.write(string.format("result %d %d\n", summary.requests, latency:percentile(50)))
end
LUA

# load SIZE SECONDS PATH ORDER CONSUMERS: "requests CPU-µs-of-the-gateway median-latency-µs CPU-µs-of-the-database CPU-µs-of-both", per request
load() {
  local size=$1 seconds=$2 of=$applications before began watched wrk
  shift 2
  [[ $size == large ]] || of=1
  before=$(cpu "${process[$size]}")
  wrk -t1 -c"$concurrency" -d"${seconds}s" -s consumers.lua "http://${address[$size]}" -- "$@" "$of" > wrk.txt &
  wrk=$!
  # When wrk hangs up, the sessions that were at work for it end, and their times are gone: the database is looked at before.
  sleep 0.3
  sessions "$size" > sessions.before
  began=$EPOCHREALTIME
  sleep $((seconds - 1)).2
  sessions "$size" > sessions.after
  watched=$(awk "BEGIN { print $EPOCHREALTIME - $began }")
  wait "$wrk"
  if grep -E 'some requests failed|Non-2xx|Socket errors' wrk.txt >&2; then return 1; fi
  awk -v ours=$(($(cpu "${process[$size]}") - before)) -v share="$(awk "BEGIN { print $seconds / $watched }")" '
    FILENAME == "sessions.before" { of[$1] = $2 }
    FILENAME == "sessions.after" { theirs += $2 - of[$1] }
    /^result/ {
      theirs *= share
      printf "%d %.1f %d %.1f %.1f\n", $2, ours / $2, $3, theirs / $2, (ours + theirs) / $2
    }' sessions.before sessions.after wrk.txt
}

# ---- what is measured

# in_turn ENGINE NAME PATH ORDER CONSUMERS-OF-LARGE: rounds of both sizes into ENGINE.NAME.SIZE
in_turn() {
  local engine=$1 name=$2 path=$3 order=$4 of_large=$5 round size of
  for size in small large; do
    of=$([[ $size == small ]] && echo 10 || echo "$of_large")
    load "$size" 2 "$path" "$order" "$of" > /dev/null
  done
  for round in $(seq "$rounds"); do
    # Whoever goes second may be better or worse off: the order changes from round to round.
    for size in $( ((round % 2)) && echo small large || echo large small); do
      of=$([[ $size == small ]] && echo 10 || echo "$of_large")
      load "$size" "$seconds_each" "$path" "$order" "$of" >> "$engine.$name.$size"
    done
  done
}

# first ENGINE: latencies in µs of the first read of each of ten consumers, after a start of each size in turn
first() {
  local size numbers
  for _ in $(seq "$restarts"); do
    for size in small large; do
      # Consumers of the first application; any of those of the large store.
      if [[ $size == small ]]; then numbers=$(seq 0 9); else
        numbers=$(shuf -i "0-$((connections / applications - 1))" -n 10 | awk "{ print \$1 * $applications }")
      fi
      start "$1" "$size" 100000
      # shellcheck disable=SC2086  # ten numbers
      python3 - "${address[$size]}" $numbers << 'PYTHON' >> "$1.first.$size"
import http.client, sys, time
connection = http.client.HTTPConnection(sys.argv[1])
connection.connect()
for number in sys.argv[2:]:
    headers = {"Authorization": "Bearer key-of-app-0", "x-apideck-app-id": "app-0", "x-apideck-consumer-id": f"consumer-{number}"}
    began = time.perf_counter()
    connection.request("GET", "/crm/contacts", headers=headers)
    answer = connection.getresponse()
    answer.read()
    assert answer.status == 200, answer.status
    print(0, 0, round((time.perf_counter() - began) * 1000000), 0, 0)
PYTHON
      stop "$size"
    done
  done
}

# memory ENGINE ENTRIES: the large store's server, before and after reads of consumers in turn
memory() {
  local idle requests
  start "$1" large "$2"
  idle=$(resident "${process[large]}")
  requests=$(load large $((seconds_each * 3)) /crm/contacts each "$connections" | cut -d' ' -f1)
  printf '  cache_entries = %-7s %6.1f MB idle, %6.1f MB after reads of %d consumers\n' "$2" "$idle" "$(resident "${process[large]}")" \
    "$((requests < connections ? requests : connections))"
  stop large
}

for engine in "${engines[@]}"; do
  "$vault_size" statements "$(where "$engine" large)" > "$engine.statements"
  start "$engine" small 100000
  start "$engine" large 100000
  # Into memory, all of them once.
  seconds=$(awk -v warm="$warm" 'BEGIN { print 2 + int(warm / 1000) }')
  load large "$seconds" /crm/contacts each "$warm" > /dev/null
  in_turn "$engine" warm /crm/contacts each "$warm"
  in_turn "$engine" list /vault/connections each "$warm"
  stop small large
  start "$engine" small 0
  start "$engine" large 0
  in_turn "$engine" cold /crm/contacts any "$connections"
  stop small large
  first "$engine"
done

# median FILE COLUMN
median() { awk "{ print \$$2 }" "$1" | sort -n | awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }'; }
# ratio ENGINE NAME COLUMN: the median of what each round's pair comes to; of starts, which are no pairs, that of the medians
ratio() {
  if [[ $2 == first ]]; then
    median "$1.$2.large" "$3" > ratios
    awk -v small="$(median "$1.$2.small" "$3")" '{ print $1 / small }' ratios
  else
    paste "$1.$2.small" "$1.$2.large" | awk "{ print \$($3 + 5) / \$$3 }" > ratios
    median ratios 1
  fi | awk '{ printf "%.2f", $1 }'
}
# cell ENGINE NAME COLUMN: small, large and ratio, where it was measured
cell() {
  local small large
  small=$(median "$1.$2.small" "$3") large=$(median "$1.$2.large" "$3")
  if [[ $small != 0 && $small != 0.0 ]]; then printf '%9s%10s%7s' "$small" "$large" "$(ratio "$1" "$2" "$3")"; else printf '%26s' ''; fi
}

echo
echo "10 connections beside $connections: $rounds rounds of $seconds_each s each, in turn, $concurrency requests at once; medians, µs per request"
echo
printf '%-18s%26s%26s%26s\n' '' 'CPU of the gateway' 'CPU of the database' 'latency'
for engine in "${engines[@]}"; do
  for name in warm cold first list; do
    printf '%-18s%s%s%s\n' "$engine $name" "$(cell "$engine" "$name" 2)" "$(cell "$engine" "$name" 4)" "$(cell "$engine" "$name" 3)"
  done
done
echo
for engine in "${engines[@]}"; do echo "statements of one call, $engine: $(cat "$engine.statements")"; done
echo
echo "resident memory of the server with $connections connections:"
for entries in 1000 100000; do memory sqlite "$entries"; done

echo
status=0
for engine in "${engines[@]}"; do
  for limit in warm:1.1 cold:1.5; do
    found=$(ratio "$engine" "${limit%:*}" 5)
    echo "$engine, ${limit%:*}: $found times the CPU time of gateway and database; ${limit#*:} is the most"
    awk "BEGIN { exit $found > ${limit#*:} }" || status=1
  done
done
exit $status
