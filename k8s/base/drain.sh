#!/bin/sh
# A media server comes and goes by the controllers' admin API: `drain.sh start` after its start, `drain.sh stop` before its
# end. `stop` returns when no room is on it any more, or at the deadline; the pod's grace period is longer.
# Needs sh, date and curl, which Kurento's image has for its own health check; SERVER_ID, what the pool calls this server
# (host:port); a token in /etc/manycast/drain-token.
set -u
drain_seconds=600
start_seconds=30
admin=${ADMIN_URL:-http://manycast-admin:8190}
server=${SERVER_ID:?host:port of this server}
token_file=${TOKEN_FILE:-/etc/manycast/drain-token}

ask() {
  method=$1 path=$2 body=${3:-}
  curl --silent --show-error --max-time 5 --request "$method" --write-out '\n%{http_code}' \
    --header "Authorization: Bearer $(cat "$token_file")" \
    ${body:+--header 'Content-Type: application/json' --data "$body"} \
    "$admin/v1/servers/$server$path"
}

# Until the answer is final: carried out, or nobody knows this server, which then has no room.
try_until() {
  deadline=$1 method=$2 path=$3
  while :; do
    left_ms=$((($deadline - $(date +%s)) * 1000))
    [ "$left_ms" -gt 0 ] || return 1
    body=
    [ "$path" = /drain ] && body="{\"deadlineMs\":$left_ms}"
    answer=$(ask "$method" "$path" "$body")
    case $answer in *200 | *202 | *404) return 0 ;; esac
    sleep 1
  done
}

case ${1:-} in
start)
  # One that was drained before it was replaced takes rooms again.
  try_until "$(($(date +%s) + start_seconds))" POST /undrain
  ;;
stop)
  deadline=$(($(date +%s) + drain_seconds))
  try_until "$deadline" POST /drain
  while try_until "$deadline" GET ''; do
    case $answer in *'"state":"drained"'* | *404) break ;; esac
    sleep 1
  done
  ;;
*)
  echo "usage: drain.sh start|stop" >&2
  exit 64
  ;;
esac
# Kubernetes would kill a container whose postStart failed; its health is the probes' affair.
exit 0
