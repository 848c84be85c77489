#!/usr/bin/env bash
# Change the webhooks of several Sinch projects so that they match a file, without any state.
# Usage: webhooks.sh plan|apply|destroy DESIRED.json. The file is a JSON object: a list of webhooks by project id.
# The script needs the SINCH_… variables. It requests one token in total, one list for each project, and then sends
# one request for each change.
set -euo pipefail
action=$1 desired=$2

token=$(curl --silent --show-error --fail --user "$SINCH_KEY_ID:$SINCH_KEY_SECRET" \
    --data grant_type=client_credentials "$SINCH_AUTH_URL/oauth2/token" | jq -r .access_token)

call() { # METHOD PATH [BODY]
    curl --silent --show-error --fail --request "$1" --header "Authorization: Bearer $token" \
        --header "Content-Type: application/json" ${3:+--data "$3"} "$SINCH_API_URL/v1/projects/$2"
}

changes() { # PROJECT: read the list of live webhooks from stdin, print a line METHOD PATH BODY for each change
    jq -r --arg project "$1" --arg action "$action" --slurpfile desired "$desired" '
        .webhooks as $live
        | if $action == "destroy" then $live[] | "DELETE webhooks/\(.id)"
          else $desired[0][$project][]
            | .target as $target
            | ($live | map(select(.target == $target)) | first) as $found
            | if $found == null then "POST webhooks \(tojson)"
              elif ($found.triggers | sort) != (.triggers | sort)
              then "PATCH webhooks/\($found.id) \({triggers} | tojson)"
              else empty end
          end'
}

for project in $(jq -r 'keys_unsorted[]' "$desired"); do
    call GET "$project/webhooks" | changes "$project" | while read -r method path body; do
        if [ "$action" = plan ]; then
            echo "$method $project/$path"
        else
            call "$method" "$project/$path" "$body" >/dev/null
        fi
    done
done
