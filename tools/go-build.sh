# Functions for scripts that build a pinned command from Go modules once, and keep it in the user's cache folder.
# shellcheck shell=bash

use_installed() { # COMMAND: print the folder of an installed COMMAND and exit
    if command -v "$1" >/dev/null 2>&1; then
        dirname "$(command -v "$1")"
        exit 0
    fi
}

require_go() { # MESSAGE: fail with it if Go is missing
    if ! command -v go >/dev/null 2>&1; then
        echo "$1" >&2
        exit 1
    fi
}

module_version() { # MODULE FOLDER: the version that FOLDER's go.mod pins
    (cd "$2" && go list -m -f '{{.Version}}' "$1")
}

build_once() { # NAME FUNCTION: print the cached folder NAME; if it is missing, create it with `FUNCTION FOLDER`
    local cache=${XDG_CACHE_HOME:-$HOME/.cache}/pulumi-sinch
    local folder
    folder=$cache/$1-$(go env GOOS)-$(go env GOARCH)
    if [ ! -d "$folder" ]; then
        mkdir -p "$cache"
        # Built in another folder and renamed, so that neither an interrupted nor a concurrent build does harm.
        building=$(mktemp -d "$cache/building.XXXXXX")
        trap 'rm -rf "$building"' EXIT
        "$2" "$building" >&2
        chmod 755 "$building"
        [ -d "$folder" ] || mv "$building" "$folder"
    fi
    echo "$folder"
}
