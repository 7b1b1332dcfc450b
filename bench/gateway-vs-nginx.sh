#!/usr/bin/env bash
# CPU time per request of the whole gateway, beside nginx passing the same vendor page through unread.
#
#   wrk -> trunkline -> vendor        wrk -> nginx proxy_pass -> vendor
#
# The vendor is a third process, an nginx with a fixed page of 20 Agile contacts, so its CPU time counts for neither. Loopback only.
# ROUNDS (3), SECONDS_EACH (10) and CONNECTIONS (8) may be set. Needs curl, python3, nginx and wrk; installs the last two where missing.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
trunkline=${TRUNKLINE_BIN:-$here/../target/release/trunkline}
rounds=${ROUNDS:-3} seconds_each=${SECONDS_EACH:-10} connections=${CONNECTIONS:-8}

# shellcheck source=bench/common.sh
source "$here/common.sh"
need nginx:nginx-light wrk:wrk

mapfile -t ports < <(free_ports 3)
vendor=127.0.0.1:${ports[0]} proxy=127.0.0.1:${ports[1]} gateway=127.0.0.1:${ports[2]}

serve_vendor "$vendor"
# The page fits into the buffers: nginx never writes it to disk.
serve_with_nginx proxy "
  upstream vendor { server $vendor; keepalive $connections; keepalive_requests 100000000; }
  server {
    listen $proxy;
    location / {
      proxy_pass http://vendor;
      proxy_http_version 1.1;
      proxy_set_header Connection '';
      proxy_buffers 16 8k;
    }
  }"

proxy_master=$!
lists() { curl -sf -o /dev/null "$@"; }
await lists "http://$proxy/dev/api/contacts"
proxy_process=$(pgrep -P "$proxy_master")

cat > trunkline.toml << TOML
[server]
listen = "$gateway"
[store]
database = "$work/trunkline.sqlite"
[log]
filter = "warn"
[connectors.agile-crm]
base_url = "http://$vendor/dev/api"
limits = { requests = 10000000, per_seconds = 1, concurrency = 1000 }
TOML
TRUNKLINE_MASTER_KEY=$("$trunkline" master-key generate)
export TRUNKLINE_MASTER_KEY
"$trunkline" --config trunkline.toml apps add bench --json > /dev/null
key=$("$trunkline" --config trunkline.toml api-keys add --app bench --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["api_key"])')
"$trunkline" --config trunkline.toml connections add --app bench --consumer someone --service agile-crm \
  --set domain=acme --set email=a@b.example --set api_key=k --json > /dev/null
"$trunkline" --config trunkline.toml serve > gateway.log 2>&1 &
started+=($!)
gateway_process=$!
headers=(-H "Authorization: Bearer $key" -H "x-apideck-app-id: bench" -H "x-apideck-consumer-id: someone")
await answers "$gateway"

sleep 1
idle=$(resident "$gateway_process")
await lists "${headers[@]}" "http://$gateway/crm/contacts"

# load PROCESS WRK-ARGUMENT...: "CPU-µs-per-request requests-per-second"
load() {
  local process=$1 before after
  shift
  before=$(cpu "$process")
  wrk -t1 -c"$connections" -d"${seconds_each}s" "$@" > wrk.txt
  after=$(cpu "$process")
  if grep -E 'Non-2xx|Socket errors' wrk.txt >&2; then return 1; fi
  awk -v cpu=$((after - before)) '/requests in/ { count = $1 } /^Requests\/sec/ { printf "%.1f %.0f\n", cpu / count, $2 }' wrk.txt
}
through_nginx() { load "$proxy_process" "http://$proxy/dev/api/contacts"; }
through_gateway() { load "$gateway_process" "${headers[@]}" "http://$gateway/crm/contacts"; }

bytes() { curl -sf -o /dev/null -w '%{size_download}' "$@"; }
echo "vendor page: $(bytes "http://$vendor/dev/api/contacts") bytes; through nginx: $(bytes "http://$proxy/dev/api/contacts")" \
  "bytes; canonical, through trunkline: $(bytes "${headers[@]}" "http://$gateway/crm/contacts") bytes"
echo "$connections connections, $rounds rounds of $seconds_each s each, in turn"

seconds_each=2 through_nginx > /dev/null
seconds_each=2 through_gateway > /dev/null
for round in $(seq "$rounds"); do
  through_nginx | tee -a nginx.txt | sed "s/^/round $round  nginx      µs and requests\/s: /"
  through_gateway | tee -a trunkline.txt | sed "s/^/round $round  trunkline  µs and requests\/s: /"
done

# median FILE COLUMN
median() { awk "{ print \$$2 }" "$1" | sort -n | awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }'; }
echo
echo "                      CPU µs per request   requests/s   (medians)"
for each in nginx trunkline; do
  printf '%-22s%18s%13s\n' "$each" "$(median $each.txt 1)" "$(median $each.txt 2)"
done
awk -v ours="$(median trunkline.txt 1)" -v theirs="$(median nginx.txt 1)" 'BEGIN { printf "ratio of CPU time per request: %.2f\n", ours / theirs }'
echo "resident memory of the gateway: $idle MB idle, $(resident "$gateway_process") MB after the load"
