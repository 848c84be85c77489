#!/usr/bin/env bash
# An imperative script: change the webhooks of several Sinch projects until they match a file.
# Usage: webhooks.sh plan|apply|destroy DESIRED.json, an object of lists of webhooks by project id.
# Needs the SINCH_… variables. One token, one list for each project, one call for each change.
set -euo pipefail
action=$1 desired=$2

token=$(curl --silent --show-error --fail --user "$SINCH_KEY_ID:$SINCH_KEY_SECRET" \
    --data grant_type=client_credentials "$SINCH_AUTH_URL/oauth2/token" | jq -r .access_token)

call() { # METHOD PATH [BODY]
    curl --silent --show-error --fail --request "$1" --header "Authorization: Bearer $token" \
        --header "Content-Type: application/json" ${3:+--data "$3"} "$SINCH_API_URL/v1/projects/$2"
}

changes() { # PROJECT, reads the live list: lines of METHOD PATH BODY
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
