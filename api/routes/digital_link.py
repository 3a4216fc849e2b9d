"""The address in a QR code: GS1 Digital Link. It redirects to the scan page, as GS1-Conformant resolvers do (307, query
passed on, CORS open, GET, HEAD and OPTIONS)."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from api.addresses import scan_path, trade_item_of
from api.pages.render import prefers_html
from api.pages.scan import bad_address_page
from ledger.errors import BadInput

router = APIRouter(tags=["evidence"])

CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
    "Access-Control-Allow-Headers": "Accept, Accept-Language",
    "Access-Control-Expose-Headers": "Location",
}


@router.head("/01/{rest:path}", include_in_schema=False)
@router.get("/01/{rest:path}", status_code=307, summary="Where a scanned code leads", response_class=Response)
def resolve(request: Request) -> Response:
    """`/01/{gtin}`, `/01/{gtin}/10/{lot}`, `/01/{gtin}/21/{serial}` or `/01/{gtin}/10/{lot}/21/{serial}`; 400 for a
    wrong check digit or anything else behind the key."""
    try:
        item = trade_item_of(request)
    except BadInput as error:
        if not prefers_html(request):
            raise
        return bad_address_page(request, error)
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(scan_path(item.gtin, item.lot, item.serial) + query, status_code=307, headers=CORS)


@router.options(
    "/01/{rest:path}",
    status_code=204,
    summary="What may be asked of a scanned code, from any origin",
    response_class=Response,
)
def options() -> Response:
    return Response(
        status_code=204,
        headers={**CORS, "Allow": CORS["Access-Control-Allow-Methods"], "Access-Control-Max-Age": "86400"},
    )
