#!/usr/bin/env bash
# What a process needs of Step Functions, through the aws command as it comes:  client.sh <command> [arguments]. Prints JSON.
set -euo pipefail

# shellcheck disable=SC2086 # CLIENT_ARGS is several words, or none
states() { aws $CLIENT_ARGS stepfunctions "$@" --output json; }

# Prints what the command says, or the exception's name.
tried() {
  local said
  if said=$("$@" 2>&1); then
    [ -n "$said" ] && printf '%s\n' "$said" || printf '{}\n'
  else
    printf '{"refused":"%s"}\n' "$(sed -n 's/.*occurred (\([A-Za-z]*\)).*/\1/p' <<<"$said")"
  fi
}

# Takes one task; "hang" is alive but never ends it, "finish" ends it.
work() {
  local token=null
  echo polls
  while [ "$token" = null ] || [ -z "$token" ]; do
    token=$(states get-activity-task --activity-arn "$1" --worker-name "$2" --query taskToken | tr -d '"')
  done
  states send-task-heartbeat --task-token "$token"
  echo 'has it'
  while [ "$3" = hang ]; do sleep 1; done
  states send-task-success --task-token "$token" --task-output "{\"by\":\"$2\"}"
  echo 'done'
}

case $1 in
  work) work "$2" "$3" "$4" ;;
  answer) tried states send-task-success --task-token "$2" --task-output "$3" ;;
  start)
    tried states start-execution --state-machine-arn "$2" --name "$3" --input "$4" \
      --query '{arn: executionArn, at: startDate}'
    ;;
  redrive)
    if ! aws stepfunctions redrive-execution help >/dev/null 2>&1; then
      printf '{"unknown":"%s"}\n' "$(aws --version)"
      exit
    fi
    states redrive-execution --execution-arn "$2" --client-token "$3" --query '{at: redriveDate}'
    ;;
  count)
    states list-executions --state-machine-arn "$2" --page-size 900 --query 'executions[].executionArn' |
      python3 -c 'import json, sys; arns = json.load(sys.stdin); print(json.dumps({"all": len(arns), "different": len(set(arns))}))'
    ;;
esac
