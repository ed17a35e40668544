"""Puts a page on a pull request or merge request as one comment, which later runs update.

    comment.py github|gitlab FILE

The comment is known by a mark in its first line. Which request it is, the server's address and the token come from the
environment that the pipeline gives: GITHUB_API_URL, GITHUB_REPOSITORY, GITHUB_EVENT_PATH and GITHUB_TOKEN, or
CI_API_V4_URL, CI_PROJECT_ID, CI_MERGE_REQUEST_IID and GITOPSC_TOKEN (a token of the project that may write to the API).
GITOPSC_COMMENT names the comment, where several pipelines write one each.

Exits with 0 where there is no request to write to, with 1 where the server refuses, saying why.
"""

import json
import os
import sys
import urllib.error
import urllib.request


def request(method, url, headers, body=None):
    """The answer as JSON, and the address of the next page."""
    data = None if body is None else json.dumps(body).encode()
    headers = {**headers, "Content-Type": "application/json", "User-Agent": "gitopsc"}
    call = urllib.request.Request(url, data=data, method=method, headers=headers)
    with urllib.request.urlopen(call, timeout=30) as answer:
        return json.load(answer), following(answer.headers.get("Link", ""))


def following(links):
    """The address that a `Link` header calls the next one."""
    for link in links.split(","):
        address, _, relation = link.partition(";")
        if 'rel="next"' in relation:
            return address.strip(" <>")
    return None


def github():
    """Where the comments of a pull request are, where one of them is, and what is sent along."""
    with open(os.environ["GITHUB_EVENT_PATH"], encoding="utf-8") as file:
        number = (json.load(file).get("pull_request") or {}).get("number")
    if number is None:
        return None
    top = f"{os.environ['GITHUB_API_URL']}/repos/{os.environ['GITHUB_REPOSITORY']}/issues"
    headers = {
        "Authorization": f"Bearer {os.environ['GITHUB_TOKEN']}",
        "Accept": "application/vnd.github+json",
    }
    return f"{top}/{number}/comments", f"{top}/comments", "PATCH", headers


def gitlab():
    """The same of a merge request."""
    number = os.environ.get("CI_MERGE_REQUEST_IID")
    if not number:
        return None
    top = f"{os.environ['CI_API_V4_URL']}/projects/{os.environ['CI_PROJECT_ID']}"
    notes = f"{top}/merge_requests/{number}/notes"
    return notes, notes, "PUT", {"PRIVATE-TOKEN": os.environ["GITOPSC_TOKEN"]}


def known(comments, headers, mark):
    """The comment that an earlier run wrote."""
    page = f"{comments}?per_page=100"
    while page:
        found, page = request("GET", page, headers)
        for comment in found:
            if (comment.get("body") or "").startswith(mark):
                return comment["id"]
    return None


def main():
    """Writes the comment."""
    server, path = sys.argv[1:]
    try:
        place = {"github": github, "gitlab": gitlab}[server]()
    except KeyError as missing:
        print(f"{missing} is not set", file=sys.stderr)
        return 1
    if place is None:
        print("no pull request: no comment")
        return 0
    comments, one, update, headers = place
    mark = f"<!-- gitopsc {os.environ.get('GITOPSC_COMMENT', 'diff')} -->"
    with open(path, encoding="utf-8") as file:
        body = {"body": f"{mark}\n{file.read()}"}
    try:
        comment = known(comments, headers, mark)
        if comment is None:
            request("POST", comments, headers, body)
        else:
            request(update, f"{one}/{comment}", headers, body)
    except urllib.error.HTTPError as error:
        reason = error.read().decode(errors="replace")[:500]
        print(f"the comment was refused: {error.code} {reason}", file=sys.stderr)
        return 1
    except urllib.error.URLError as error:
        print(f"the comment cannot be written: {error.reason}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
