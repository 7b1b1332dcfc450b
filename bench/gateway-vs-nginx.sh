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

packages=()
command -v nginx > /dev/null || packages+=(nginx-light)
command -v wrk > /dev/null || packages+=(wrk)
if ((${#packages[@]})); then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}"
fi

work=$(mktemp -d)
started=()
end() {
  ((${#started[@]} == 0)) || kill "${started[@]}" 2> /dev/null || true
  wait
  rm -rf "$work"
}
trap end EXIT
cd "$work"

mapfile -t ports < <(python3 - << 'PYTHON'
import socket
held = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
print(*(each.getsockname()[1] for each in held), sep="\n")
PYTHON
)
vendor=127.0.0.1:${ports[0]} proxy=127.0.0.1:${ports[1]} gateway=127.0.0.1:${ports[2]}

python3 "$here/agile-page.py" 20 > page.json

# nginx_config NAME SERVER...: one worker, nothing logged, connections kept open
nginx_config() {
  mkdir "$1"
  cat > "$1/nginx.conf" << NGINX
daemon off;
$( ((EUID)) || echo "user root;  # the work directory is ours alone")
worker_processes 1;
pid $work/$1/pid;
error_log $work/$1/error.log warn;
events { worker_connections 1024; }
http {
  access_log off;
  keepalive_requests 100000000;
  client_body_temp_path $work/$1/body;
  proxy_temp_path $work/$1/proxy;
  fastcgi_temp_path $work/$1/fastcgi;
  uwsgi_temp_path $work/$1/uwsgi;
  scgi_temp_path $work/$1/scgi;
  $2
}
NGINX
}

nginx_config vendor "
  sendfile on;
  tcp_nopush on;
  open_file_cache max=4;
  server {
    listen $vendor;
    location = /dev/api/contacts { default_type application/json; alias $work/page.json; }
  }"
# The page fits into the buffers: nginx never writes it to disk.
nginx_config proxy "
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

answers() { curl -sf -o /dev/null "$@"; }
await() {
  for _ in {1..100}; do
    if answers "$@"; then return; fi
    sleep 0.1
  done
  echo "no answer: $*" >&2
  cat ./*.log ./*/error.log >&2
  return 1
}

nginx -p "$work" -c "$work/vendor/nginx.conf" 2> vendor.log &
started+=($!)
await "http://$vendor/dev/api/contacts"

nginx -p "$work" -c "$work/proxy/nginx.conf" 2> proxy.log &
started+=($!)
proxy_master=$!
await "http://$proxy/dev/api/contacts"
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
for _ in {1..100}; do
  if (exec 3<> "/dev/tcp/${gateway/://}") 2> /dev/null; then break; fi
  sleep 0.1
done

resident() { awk '/^VmRSS/ { printf "%.1f", $2 / 1024 }' "/proc/$1/status"; }
sleep 1
idle=$(resident "$gateway_process")
await "${headers[@]}" "http://$gateway/crm/contacts"

# Microseconds of CPU time that the process, with all its threads, has had so far.
tick=$(getconf CLK_TCK)
cpu() { sed 's/.*) //' "/proc/$1/stat" | awk -v tick="$tick" '{ printf "%d", ($12 + $13) * 1000000 / tick }'; }

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
