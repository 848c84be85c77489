# Functions for scripts that build a pinned version of a command from Go modules. The command is built only once, and
# stays in the user's cache folder.
# shellcheck shell=bash

use_installed() { # COMMAND: if COMMAND is installed, print its folder and exit
    if command -v "$1" >/dev/null 2>&1; then
        dirname "$(command -v "$1")"
        exit 0
    fi
}

require_go() { # MESSAGE: if Go is missing, print MESSAGE and fail
    if ! command -v go >/dev/null 2>&1; then
        echo "$1" >&2
        exit 1
    fi
}

module_version() { # MODULE FOLDER: the version that FOLDER's go.mod pins
    (cd "$2" && go list -m -f '{{.Version}}' "$1")
}

build_once() { # NAME FUNCTION: print the path of the cached folder NAME; `FUNCTION FOLDER` fills it if it is missing
    local cache=${XDG_CACHE_HOME:-$HOME/.cache}/pulumi-sinch
    local folder
    folder=$cache/$1-$(go env GOOS)-$(go env GOARCH)
    if [ ! -d "$folder" ]; then
        mkdir -p "$cache"
        # Build in a temporary folder and rename it, so that an interrupted or concurrent build cannot damage the cache.
        building=$(mktemp -d "$cache/building.XXXXXX")
        trap 'rm -rf "$building"' EXIT
        "$2" "$building" >&2
        chmod 755 "$building"
        [ -d "$folder" ] || mv "$building" "$folder"
    fi
    echo "$folder"
}
