"""Presigned addresses of S3, as a browser uses them, at an emulated bucket.

The emulator checks neither signatures nor policies, so that what S3 is told is looked at instead.
"""

import base64
import json
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from chalicelib.storage.s3 import S3BaseStore
from chalicelib.transfers import S3TransferAddresses, Transfers, UploadId
from chalicelib.transfers.s3 import signing_config
from tests.emulators.moto_server import s3_client
from tests.support import local_http
from tests.transfers.world import ADA, FILE, NOW_MS

LIFETIME_S = 3600


def transfers_in(bucket: str, endpoint: str) -> Transfers:
    client = s3_client(endpoint, signing_config())
    return Transfers(
        S3BaseStore(bucket, client),
        S3TransferAddresses(bucket, lambda: NOW_MS, client),
        max_bytes=1000,
        now_ms=lambda: NOW_MS,
        random_bits=lambda _: 7,
    )


def test_a_file_goes_to_the_bucket_without_passing_the_service(
    bucket: str, s3_endpoint: str, tmp_path: Path
) -> None:
    transfers = transfers_in(bucket, s3_endpoint)
    offer = transfers.offer_upload(ADA, 100, "apkg")
    assert offer.address.method == "POST"
    fields = dict(offer.address.fields)
    answer = local_http.post(offer.address.url, data=fields, files={"file": FILE})
    assert answer.is_success
    upload_id = UploadId.parse(offer.upload_id)
    assert upload_id
    transfers.fetch(ADA, upload_id, tmp_path / "fetched")
    assert (tmp_path / "fetched").read_bytes() == FILE


def test_the_policy_allows_one_key_so_many_bytes_and_an_hour(bucket: str, s3_endpoint: str) -> None:
    offer = transfers_in(bucket, s3_endpoint).offer_upload(ADA, 100, "apkg")
    fields = offer.address.fields
    conditions = json.loads(base64.b64decode(fields["policy"]))["conditions"]
    assert ["content-length-range", 1, 100] in conditions
    assert {"key": f"uploads/ada/gen1/{offer.upload_id}"} in conditions
    assert {"bucket": bucket} in conditions
    assert offer.expires_at_ms == NOW_MS + LIFETIME_S * 1000


def test_a_download_is_saved_under_its_name(bucket: str, s3_endpoint: str, tmp_path: Path) -> None:
    (tmp_path / "given").write_bytes(FILE)
    offer = transfers_in(bucket, s3_endpoint).offer_download(ADA, tmp_path / "given", "ada.apkg")
    query = parse_qs(urlsplit(offer.url).query)
    assert query["response-content-disposition"] == ['attachment; filename="ada.apkg"']
    assert query["X-Amz-Expires"] == [str(LIFETIME_S)]
    assert local_http.get(offer.url).content == FILE
