"""The pages of stock: the list, the card of one item, deliveries, batches that are held back."""

from datetime import timedelta
from decimal import Decimal

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from clinic.auth.queries import recall
from clinic.auth.roles import Permission
from clinic.auth.services import remember
from clinic.kernel import clock
from clinic.kernel.access import require, scope, subject
from clinic.kernel.db import transaction
from clinic.kernel.errors import DomainError
from clinic.kernel.operations import once
from clinic.kernel.text import N_
from inventory.agreements.queries import list_parties
from inventory.stock import plots, services
from inventory.stock.forms import BlockForm, CheckForm, DeliveryForm, DeliveryLine, SearchForm, UnblockForm
from inventory.stock.models import Item
from inventory.stock.queries import card as cards
from inventory.stock.queries import documents, items, ledger, lots
from inventory.stock.queries.lots import Show
from inventory.stock.rules import BatchStatus, DeliveryRefused
from inventory.stock.services import Delivered
from inventory.stock.words import expiry_words, form_words, item_words, movement_words, unit, units

blueprint = Blueprint("stock", __name__, url_prefix="/stock")
for say in (expiry_words, form_words, item_words, movement_words, unit, units):
    blueprint.add_app_template_global(say)

SOON = timedelta(days=90)
MOST_SOON = 12
CARD_DAYS = timedelta(days=182)
RECENT_DAYS = 30
COST_PLACES = 10_000


@blueprint.get("")
@require(Permission.STOCK_READ)
def shelf() -> ResponseReturnValue:
    """Show what lies on the shelves, item by item, and what expires soon."""
    mine = scope()
    words, found = _recalled(request.args.get("found", ""))
    show = Show(request.args["show"]) if request.args.get("show") in {one.value for one in Show} else Show.ALL
    rows, next_key = lots.list_stock(mine, show=show, item_ids=found, after=request.args.get("after"))
    return render_template(
        "stock/shelf.html",
        rows=rows,
        next_key=next_key,
        show=show,
        form=SearchForm(formdata=None, data={"words": words}),
        is_search=found is not None,
        out=lots.count_out(mine),
        soon=lots.list_expiring(mine, clock.today() + SOON, MOST_SOON),
        today=clock.today(),
        agreement=ledger.find_agreement(),
    )


def _recalled(key: str) -> tuple[str, list[int] | None]:
    """Return the words of a search and what it found; nothing where the page shows no search."""
    kept = recall(subject().session_id, key) if key else None
    match kept:
        case {"words": str(words), "items": list(found)}:
            return words, found
        case _:
            return "", None


@blueprint.post("/search")
@require(Permission.STOCK_READ)
def search() -> ResponseReturnValue:
    """Look for a medicine; one that alone fits is opened at once."""
    form = SearchForm()
    if not form.validate() or not form.words.data:
        return redirect(url_for("stock.shelf"), 303)
    words, session_id = form.words.data, subject().session_id
    hits = items.search_items(words)
    if len(hits) == 1:
        return redirect(url_for("stock.card", key=hits[0].key), 303)
    found = [hit.id for hit in hits]
    with transaction():
        key = remember(session_id, {"words": words, "items": found})
    return redirect(url_for("stock.shelf", found=key), 303)


@blueprint.get("/<key>")
@require(Permission.STOCK_READ)
def card(key: str) -> ResponseReturnValue:
    """Show the card of one item: what is usable, its lots, what moved."""
    mine, item = scope(), items.get_item(key)
    lying = lots.list_lots(mine, item.id)
    hand = lots.hand_of(lying)
    closes = cards.list_closes(mine, item.id, on_shelf=hand.on_shelf, since=clock.today() - CARD_DAYS)
    return render_template(
        "stock/card.html",
        item=item,
        lots=lying,
        hand=hand,
        drawing=plots.draw_shelf(closes),
        monthly=plots.monthly(closes),
        issued=sum(close.issued for close in closes[-RECENT_DAYS:]),
        page=cards.list_movements(mine, item.id, on_shelf=hand.on_shelf, after_key=request.args.get("after")),
        after=request.args.get("after"),
        today=clock.today(),
        agreement=ledger.find_agreement(),
    )


@blueprint.get("/documents/<key>")
@require(Permission.STOCK_READ)
def document(key: str) -> ResponseReturnValue:
    """Show one stock document as it was posted."""
    return render_template("stock/document.html", document=documents.get_document(scope(), key))


# ---- deliveries ----------------------------------------------------------------------------------------------------


@blueprint.get("/receive")
@require(Permission.STOCK_WRITE)
def delivery() -> ResponseReturnValue:
    """Show an empty delivery."""
    return _delivery_page(DeliveryForm(), items.list_items())


@blueprint.post("/receive")
@require(Permission.STOCK_WRITE)
def receive() -> ResponseReturnValue:
    """Receive a delivery, or show it with a line more or less."""
    form, known, mine = DeliveryForm(), items.list_items(), scope()
    if {"look", "more", "drop"} & request.form.keys():
        form.remove_line(request.form.get("drop", ""))
        if "more" in request.form:
            form.add_line()
        return _delivery_page(form, known)
    if form.validate() and (delivered := _delivered(form, known)):
        content = {"donor": form.donor.data, "note": form.note.data, "lines": [repr(line) for line in delivered]}
        try:
            with transaction():
                claim = once(mine.user_id, "stock.receive", form.op.data or "", content)
                if not claim.is_repeat:
                    document_id = services.receive(
                        mine,
                        delivered,
                        donor=form.donor.data or "",
                        operation_id=claim.id,
                        note=form.note.data or "",
                    )
                    claim.answered(url_for("stock.document", key=documents.document_key(document_id)))
            return redirect(claim.answer, 303)
        except DomainError as refusal:
            form.refuse(refusal)
    return _delivery_page(form, known), 422


@blueprint.post("/receive/sum")
@require(Permission.STOCK_WRITE)
def delivery_sum() -> ResponseReturnValue:
    """Tell what the boxes of one line come to, before anything is saved."""
    form = DeliveryForm()
    chosen = [line for line in form.lines if str(line.number) == request.form.get("line")]
    return render_template("stock/sum.html", sum=_sum_of((chosen or form.lines)[0], items.list_items()))


def _delivery_page(form: DeliveryForm, known: list[Item]) -> str:
    sums = [_sum_of(line, known) for line in form.lines]
    return render_template("stock/receive.html", form=form, items=known, sums=sums, donors=list_parties())


def _sum_of(line: DeliveryLine, known: list[Item]) -> str:
    """Return "40 tablets" where a line says how many boxes of how much; nothing where it does not yet."""
    item = items.match_item(line.item.data or "", known)
    count, factor = line.quantity.data, line.factor.data or 1
    if item is None or count is None or count < 1 or factor < 1:
        return ""
    return units(count * factor, item.base_unit)


def _delivered(form: DeliveryForm, known: list[Item]) -> list[Delivered]:
    """Return what came, or nothing where a line names no medicine that is known, and say so there."""
    delivered = []
    for number, line in enumerate(form.lines):
        item = items.match_item(line.item.data or "", known)
        if item is None:
            form.refuse(
                DeliveryRefused(
                    N_("More than one medicine fits, or none. Choose it from the list."), field=f"lines-{number}-item"
                )
            )
            continue
        delivered.append(
            Delivered(
                item_id=item.id,
                batch_no=line.batch_no.data or "",
                expires_on=line.expires_on.data,
                quantity=line.quantity.data or 0,
                factor=line.factor.data or 1,
                unit_cost=int((line.cost.data or Decimal(0)) * COST_PLACES),
            )
        )
    return delivered if len(delivered) == len(form.lines) else []


# ---- batches that are held back, and the ledger's proof ------------------------------------------------------------


@blueprint.get("/batches/<key>")
@require(Permission.STOCK_READ)
def batch(key: str) -> ResponseReturnValue:
    """Show a batch, where it lies, and the way to hold it back or let it go."""
    return _batch_page(key, BlockForm(), UnblockForm())


@blueprint.post("/batches/<key>/block")
@require(Permission.STOCK_WRITE)
def block(key: str) -> ResponseReturnValue:
    """Hold a batch back everywhere, with a reason."""
    form, mine = BlockForm(), scope()
    if form.validate():
        try:
            with transaction():
                services.block(mine, key, because=form.because.data or "", status=form.verdict.data)
            return redirect(url_for("stock.batch", key=key), 303)
        except DomainError as refusal:
            form.refuse(refusal)
    return _batch_page(key, form, UnblockForm(formdata=None)), 422


@blueprint.post("/batches/<key>/unblock")
@require(Permission.STOCK_WRITE)
def unblock(key: str) -> ResponseReturnValue:
    """Let a batch go out again, with a reason."""
    form, mine = UnblockForm(), scope()
    if form.validate():
        try:
            with transaction():
                services.unblock(mine, key, because=form.because.data or "")
            return redirect(url_for("stock.batch", key=key), 303)
        except DomainError as refusal:
            form.refuse(refusal)
    return _batch_page(key, BlockForm(formdata=None), form), 422


def _batch_page(key: str, block_form: BlockForm, unblock_form: UnblockForm) -> str:
    mine = scope()
    found, item = lots.get_batch(mine, key)
    return render_template(
        "stock/batch.html",
        batch=found,
        item=item,
        lots=[row for row in lots.list_lots(mine, item.id) if row.batch_key == key],
        is_held=found.status is not BatchStatus.OK,
        block_form=block_form,
        unblock_form=unblock_form,
        today=clock.today(),
    )


@blueprint.get("/ledger")
@require(Permission.STOCK_READ)
def proof() -> ResponseReturnValue:
    """Show whether shelf and ledger agree, and since when that is known."""
    return render_template("stock/ledger.html", agreement=ledger.find_agreement(), form=CheckForm(), differences=())


@blueprint.post("/ledger")
@require(Permission.STOCK_WRITE)
def check() -> ResponseReturnValue:
    """Hold every balance against the sum of its movements now, and record what came of it."""
    form, user_id = CheckForm(), scope().user_id
    up_to = ledger.last_movement_id()
    differences = ledger.ledger_differences()
    if form.validate():
        with transaction():
            services.record_check(differences=len(differences), last_movement_id=up_to, user_id=user_id)
    return render_template(
        "stock/ledger.html", agreement=ledger.find_agreement(), form=CheckForm(formdata=None), differences=differences
    )
