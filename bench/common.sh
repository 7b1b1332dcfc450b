# What the benchmarks share: a directory of their own, processes that end with them, a vendor, and CPU time. To be sourced.
# shellcheck shell=bash

work=$(mktemp -d)
started=()
end() {
  ((${#started[@]} == 0)) || kill "${started[@]}" 2> /dev/null || true
  wait
  cd /
  rm -rf "$work"
}
trap end EXIT
cd "$work"

# need COMMAND:PACKAGE...: installs the packages of commands that are missing
need() {
  local each packages=()
  for each in "$@"; do
    command -v "${each%:*}" > /dev/null || packages+=("${each#*:}")
  done
  ((${#packages[@]})) || return 0
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}"
}

# free_ports COUNT: so many, a line each
free_ports() {
  python3 - "$1" << 'PYTHON'
import socket, sys
held = [socket.create_server(("127.0.0.1", 0)) for _ in range(int(sys.argv[1]))]
print(*(each.getsockname()[1] for each in held), sep="\n")
PYTHON
}

# answers ADDRESS: whether something listens there
answers() { (exec 3<> "/dev/tcp/${1/://}") 2> /dev/null; }

# await WORD...: until what the words run succeeds
await() {
  for _ in {1..200}; do
    if "$@"; then return; fi
    sleep 0.05
  done
  echo "in vain: $*" >&2
  cat ./*.log ./*/error.log >&2
  return 1
}

# serve_with_nginx NAME SERVER: one worker, nothing logged, connections kept open
serve_with_nginx() {
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
  nginx -p "$work" -c "$work/$1/nginx.conf" 2> "$1.log" &
  started+=($!)
}

# serve_vendor ADDRESS: an Agile CRM that knows one page of 20 contacts
serve_vendor() {
  python3 "$here/agile-page.py" 20 > page.json
  serve_with_nginx vendor "
  sendfile on;
  tcp_nopush on;
  open_file_cache max=4;
  server {
    listen $1;
    location = /dev/api/contacts { default_type application/json; alias $work/page.json; }
  }"
  await answers "$1"
}

# cpu PROCESS...: microseconds of CPU time that they have had so far, with all their threads; those that have ended count nothing
tick=$(getconf CLK_TCK)
cpu() {
  local each
  for each in "$@"; do sed 's/.*) //' "/proc/$each/stat" 2> /dev/null || true; done |
    awk -v tick="$tick" '{ all += $12 + $13 } END { printf "%d", all * 1000000 / tick }'
}

# resident PROCESS: its memory in MB
resident() { awk '/^VmRSS/ { printf "%.1f", $2 / 1024 }' "/proc/$1/status"; }
