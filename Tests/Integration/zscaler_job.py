# A job that uses Zscaler's own SDK, which takes its credentials from its environment variables.
#
# `zscaler_job.py zpa` lists, makes and deletes an API key with the legacy interface, `oneapi` with
# a bearer of OneAPI; `secrets CLIENT` makes and deletes a secret of an API client. `zpa-bearer` and
# `oneapi-bearer` have no secret: what they sign in with is the bearer in BEARER. What it learns is
# printed as JSON.

import json
import os
import sys
import time
import types

from zscaler import ZscalerClient
from zscaler.oneapi_client import Client, LegacyZPAClient
from zscaler.zpa.legacy import LegacyZPAClientHelper


def checked(answer):
    """The result of a call of the SDK, which hands failures back beside it."""
    result, _, error = answer
    if error:
        raise SystemExit(f"refused: {error}")
    return result


class SignedIn(LegacyZPAClientHelper):
    """The SDK's own helper, signed in by somebody else."""

    def login(self):
        token = {"access_token": os.environ["BEARER"]}
        return types.SimpleNamespace(status_code=200, json=lambda: token)


def legacy_with_bearer():
    helper = SignedIn("nobody", "nothing", os.environ["ZPA_CUSTOMER_ID"], "PRODUCTION")
    return Client({}, zpa_legacy_client=helper, use_legacy_client=True)


def oneapi_with_bearer():
    """The SDK wants a secret to begin with, and asks for a token only where it has none."""
    client = ZscalerClient({"clientId": "nobody", "clientSecret": "nothing"})
    oauth = client._request_executor._oauth
    oauth._access_token, oauth._token_expires_at = os.environ["BEARER"], time.time() + 600
    return client


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
    if kind == "zpa-bearer":
        return use_keys(legacy_with_bearer())
    with oneapi_with_bearer() if kind == "oneapi-bearer" else ZscalerClient({}) as client:
        return use_secrets(client, *rest) if kind == "secrets" else use_keys(client)


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))
