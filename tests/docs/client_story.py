"""What a program does with a client that was generated from /openapi.json; run by the Python of its environment.

python client_story.py URL: one JSON object on stdout.
"""

import json
import sys

from slotwise_client import AuthenticatedClient, Client
from slotwise_client.api.corrections import add_correction
from slotwise_client.api.health import readyz
from slotwise_client.api.model import describe_model, reload_model
from slotwise_client.api.parse import parse, parse_batch
from slotwise_client.models import (
    BatchRequest,
    CorrectionRequest,
    FailedItem,
    ParseAnswer,
    ParseRequest,
    Problem,
    SlotRequest,
)

client = Client(sys.argv[1])
told = {"ready": readyz.sync(client=client).status, "model": describe_model.sync(client=client).name}

answer = parse.sync(
    client=client, body=ParseRequest("leave Taipei on November 2nd", alternatives=2), x_timeout_ms=9_000
)
assert isinstance(answer, ParseAnswer)
told["parse"] = {slot.slot: slot.text for slot in answer.slots}
told["value"] = answer.slots[0].value.name
told["confidence"] = answer.slots[0].confidence

batch = parse_batch.sync(client=client, body=BatchRequest([ParseRequest("去台北"), ParseRequest("")]))
told["batch"] = [type(result).__name__ for result in batch.results]
assert isinstance(batch.results[1], FailedItem)
told["failed"] = batch.results[1].error.code

correction = CorrectionRequest("to Oslo", "en", [SlotRequest("destination", 3, 7)], note="from a generated client")
told["correction"] = add_correction.sync(client=client, body=correction).id

wrong = parse.sync_detailed(client=client, body=ParseRequest("to Oslo", lang="xx"))
assert isinstance(wrong.parsed, Problem)
told["error"] = [wrong.status_code, wrong.parsed.code, wrong.parsed.errors[0].field]

with_key = AuthenticatedClient(sys.argv[1], token="no key of this service")
told["forbidden"] = reload_model.sync(client=with_key).code
print(json.dumps(told))
