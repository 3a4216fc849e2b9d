"""The address in a QR code: GS1 Digital Link, answered as GS1-Conformant resolvers do. A scan is redirected once (307) to
the page about it; programs ask for other links (`linkType`) or for all of them, the linkset.

The routes only put together what `api.resolver` finds out; statuses: 307; 200 with the linkset; 300 where several links
fit equally well; 400 for what is no Digital Link; 404 for an unknown GTIN or a type of link that is not there.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.convertors import Convertor, register_url_convertor
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse

from api.errors import PROBLEM_JSON, problem_of
from api.pages import scan_verdict
from api.pages.language import language_of, say
from api.pages.render import prefers_html
from api.pages.scan import bad_address_page
from api.resolver.address import KEY, Address, read_address, right_form
from api.resolver.base import base_of
from api.resolver.links import HTML, VOCABULARY, Level, Link, levels_of
from api.resolver.linkset import CONTEXT, LINKSET_JSON, choices, linkset
from api.resolver.negotiation import Wish, choose, pass_on, read_wish
from api.state import ledger_of, pages_of
from ledger.errors import BadInput, NotFound, SuyuanError
from ledger.store.database import read

router = APIRouter(tags=["evidence"])
compressed = APIRouter(include_in_schema=False)  # to be included last: a compressed path could be any word

CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
    "Access-Control-Allow-Headers": "Accept, Accept-Language",
    "Access-Control-Expose-Headers": "Link, Location",
}
NEGOTIATED = {"Vary": "Accept, Accept-Language"}
CONTEXT_PATH = "/linkset-context.jsonld"


class _Compressed(Convertor[str]):
    """A path that can only be a compressed Digital Link: long enough for a GTIN, and begun as one is."""

    regex = "[ACDGHKLOPopq][A-Za-z0-9_-]{9,}/?"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("compressed_link", _Compressed())

_ELSEWHERE = ((router, "/01"), (router, "/gtin/{rest:path}"), (compressed, "/{rest:compressed_link}"))


@router.head("/01/{rest:path}", include_in_schema=False)
@router.get(
    "/01/{rest:path}",
    status_code=307,
    summary="Where a scanned code leads",
    response_class=Response,
    responses={
        200: {
            "description": "The linkset (RFC 9264), or a page that lists it",
            "content": {LINKSET_JSON: {}, HTML: {}},
        },
        300: {"description": "Several links fit equally well"},
        404: {"description": "Unknown GTIN, or no link of this type"},
    },
)
def resolve(request: Request) -> Response:
    """`/01/{gtin}`, with `/22/{variant}`, `/10/{lot}` and `/21/{serial}` behind it in this order, or compressed.
    `?linkType=gs1:…` leads to another link, `?linkType=linkset` or `Accept: application/linkset+json` to all of them;
    `lang` and `mediaType` choose among several. Other pairs of the query are passed on."""
    try:
        response = _resolved(request)
    except SuyuanError as error:
        response = _refused(request, error)
    response.headers.update(CORS)
    return response


for _part, _path in _ELSEWHERE:
    _part.add_api_route(_path, resolve, methods=["GET", "HEAD"], include_in_schema=False)


@router.options(
    "/01/{rest:path}",
    status_code=204,
    summary="What may be asked of a scanned code, from any origin",
    response_class=Response,
)
def options() -> Response:
    allowed = {"Allow": CORS["Access-Control-Allow-Methods"], "Access-Control-Max-Age": "86400"}
    return Response(status_code=204, headers={**CORS, **allowed})


for _part, _path in (*_ELSEWHERE, (router, "/.well-known/gs1resolver"), (router, CONTEXT_PATH)):
    _part.add_api_route(_path, options, methods=["OPTIONS"], status_code=204, include_in_schema=False)


@router.api_route("/01/{rest:path}", methods=["POST", "PUT", "PATCH", "DELETE"], include_in_schema=False)
def not_here() -> Response:
    """Scripts of other origins may read this refusal, too."""
    raise HTTPException(405, headers={**CORS, "Allow": CORS["Access-Control-Allow-Methods"]})


@router.head("/.well-known/gs1resolver", include_in_schema=False)
@router.get("/.well-known/gs1resolver", summary="What this GS1 resolver can do (GS1's resolver description file)")
def description(request: Request) -> Response:
    base = base_of(request)
    told: dict[str, Any] = {
        "name": "Suyuan 溯源",
        "resolverRoot": base,
        "supportedPrimaryKeys": [KEY],
        "supportedLinkType": [{"namespace": VOCABULARY, "prefix": "gs1:"}],
        "linkTypeDefaultCanBeLinkset": False,
        "jsonLdContextLocation": base + CONTEXT_PATH,
        "contact": {"fn": "Suyuan 溯源", "hasURL": base + "/"},
    }
    return JSONResponse(told, headers=CORS)


@router.head(CONTEXT_PATH, include_in_schema=False)
@router.get(CONTEXT_PATH, summary="The JSON-LD context of linksets")
def context() -> Response:
    headers = {**CORS, "Cache-Control": "public, max-age=86400"}
    return JSONResponse(CONTEXT, media_type="application/ld+json", headers=headers)


def _resolved(request: Request) -> Response:
    path = request.scope["raw_path"].decode("ascii").split("?")[0]
    query, base = request.url.query, base_of(request)
    if right := right_form(path):
        return RedirectResponse(base + right + (f"?{query}" if query else ""), status_code=307)
    address = read_address(path, query)
    with read(ledger_of(request).engine) as connection:
        levels = levels_of(connection, address.key, base)
    if not levels:
        return _unknown(request, address)
    accept, languages = (request.headers.get(name, "") for name in ("accept", "accept-language"))
    wish = read_wish(address.query, accept, languages)
    if wish.form != "redirect":
        return _linkset(request, wish, levels, base, address)
    found = choose(levels, wish)
    if found is None:
        raise NotFound(
            f"There is no link of the type {request.query_params.get('linkType')!r} here.",
            where="query linkType",
            hint="Ask with linkType=linkset for those that there are.",
        )
    level, links = found
    if len(links) > 1:
        return _choices(request, level, links, base)
    told = [f'<{base}{address.key.path}?linkType=linkset>; rel="linkset"; type="{LINKSET_JSON}"', *_same(address, base)]
    headers = {"Link": ", ".join(told), **NEGOTIATED}
    return RedirectResponse(pass_on(links[0].href, address.query), status_code=307, headers=headers)


def _linkset(request: Request, wish: Wish, levels: tuple[Level, ...], base: str, address: Address) -> Response:
    told = [
        f'<{base}{CONTEXT_PATH}>; rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json"',
        *_same(address, base),
    ]
    headers = {"Link": ", ".join(told)}
    if wish.form == HTML:
        return _page(request, levels, base, headers=headers)
    return JSONResponse(linkset(levels, base), media_type=wish.form, headers={**headers, **NEGOTIATED})


def _choices(request: Request, level: Level, links: tuple[Link, ...], base: str) -> Response:
    if prefers_html(request):
        return _page(request, (Level(level.key, level.description, links),), base, status=300)
    return JSONResponse(choices(level, links, base), status_code=300, media_type=LINKSET_JSON, headers=NEGOTIATED)


def _page(
    request: Request, levels: tuple[Level, ...], base: str, *, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    language = language_of(request)
    shown = {
        "heading": say(language, "resolver.title" if status == 200 else "resolver.choices"),
        "lead": say(language, "resolver.lead") if status == 200 else "",
        "levels": levels,
        "base": base,
    }
    return pages_of(request).render(request, "linkset.html", shown, status=status, headers=headers)


def _same(address: Address, base: str) -> list[str]:
    return [f'<{base}{address.uncompressed}>; rel="owl:sameAs"'] if address.compressed else []


def _unknown(request: Request, address: Address) -> Response:
    """404: neither is the GTIN assigned to a member, nor has anybody recorded a lot of it."""
    gtin = address.key.gtin
    if not prefers_html(request):
        raise NotFound(
            f"The ledger does not know the product {gtin}.",
            where=address.key.path,
            hint="Check the digits; its owner may be no member of this ledger.",
        )
    verdict = scan_verdict.unknown_product(language_of(request), gtin)
    shown = {"verdict": verdict, "heading": verdict.title}
    return pages_of(request).render(request, "product.html", shown, status=verdict.status)


def _refused(request: Request, error: SuyuanError) -> Response:
    """What `api.errors` would answer; here, so that scripts of any origin can read it."""
    problem = problem_of(error)
    if not prefers_html(request):
        status = int(problem["status"])
        return JSONResponse(problem, status_code=status, media_type=PROBLEM_JSON, headers={"Vary": "Accept"})
    if isinstance(error, BadInput):
        return bad_address_page(request, error)
    return pages_of(request).problem(request, problem)
