# A job that uses Zscaler's own SDK, which takes its credentials from its environment variables.
#
# `zscaler_job.py zpa` lists, makes and deletes an API key with the legacy interface, `oneapi` with a
# bearer of OneAPI; `secrets CLIENT` makes and deletes a secret of an API client. What it learns is
# printed as JSON.

import json
import sys

from zscaler import ZscalerClient
from zscaler.oneapi_client import LegacyZPAClient


def checked(answer):
    """The result of a call of the SDK, which hands failures back beside it."""
    result, _, error = answer
    if error:
        raise SystemExit(f"refused: {error}")
    return result


def use_keys(client):
    """What ZPA's API keys can be used for, whichever interface leads there."""
    before = checked(client.zpa.api_keys.list_api_keys())
    new = checked(client.zpa.api_keys.add_api_key(name="made by a job", role_id="1"))
    checked(client.zpa.api_keys.delete_api_key(new.id))
    return {"listed": [key.id for key in before], "made": new.id, "secret": new.client_secret}


def use_secrets(client, identifier):
    new = checked(client.zid.api_client.add_api_client_secret(identifier))
    checked(client.zid.api_client.delete_api_client_secret(identifier, new.id))
    return {"made": new.id, "secret": new.value}


def main(kind, *rest):
    if kind == "zpa":
        return use_keys(LegacyZPAClient({}))
    with ZscalerClient({}) as client:
        return use_secrets(client, *rest) if kind == "secrets" else use_keys(client)


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
