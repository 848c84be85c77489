"""A fake `gh api` for one pull request. Its comments and labels are in a file, with two entries per page."""

import json
import subprocess
import sys
from pathlib import Path

PAGE = 2


def main() -> None:
    state_file, arguments = Path(sys.argv[1]), sys.argv[2:]
    state = json.loads(state_file.read_text())
    assert arguments.pop(0) == "api"
    options = {}
    positional = []
    while arguments:
        argument = arguments.pop(0)
        if argument in {"--method", "--jq", "--field"}:
            options[argument] = arguments.pop(0)
        elif argument not in {"--paginate", "--silent"}:
            positional.append(argument)
    (path,) = positional
    if "--method" not in options:
        read(state["comments" if path.endswith("/comments") else "labels"], options["--jq"])
        return
    if state["read_only"]:
        sys.exit("HTTP 403: Resource not accessible by integration")
    write(state, options, path)
    state_file.write_text(json.dumps(state))


def read(entries: list[object], expression: str) -> None:
    for start in range(0, len(entries), PAGE):
        page = json.dumps(entries[start : start + PAGE])
        subprocess.run(["jq", "-r", expression], input=page, text=True, check=True, timeout=20)


def write(state: dict[str, list[dict[str, object]]], options: dict[str, str], path: str) -> None:
    last = path.rpartition("/")[2]
    if options["--method"] == "DELETE":
        labels = [label for label in state["labels"] if str(label["name"]).replace(" ", "%20") == last]
        if not labels:
            sys.exit("HTTP 404: Label does not exist")
        state["labels"].remove(labels[0])
        return
    field, _, file = options["--field"].partition("=@")
    assert field == "body"
    body = Path(file).read_text()
    if options["--method"] == "POST":
        author = {"login": "github-actions[bot]"}
        state["comments"].append({"id": len(state["comments"]) + 1, "body": body, "user": author})
        return
    (comment,) = [comment for comment in state["comments"] if str(comment["id"]) == last]
    comment["body"] = body


main()
