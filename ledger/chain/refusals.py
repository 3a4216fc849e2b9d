"""What each custom error of the contracts means to a person: a sentence and the next step. Arguments by name."""

from __future__ import annotations

from typing import Any

from ledger.chain.roles import Standing

#: error: (sentence, hint). An error that is missing here is still told, by its name and arguments.
SENTENCES: dict[str, tuple[str, str]] = {
    # Governance: who decides
    "NotGovernor": (
        "Only the consortium's Council may do this, by a proposal that passed; {caller} is not the Council.",
        "Have a member with a seat propose it.",
    ),
    "NotAContract": ("At {at} stands no contract.", "Deploy it first, then name its address."),
    "NotTheCouncil": ("Only the Council itself changes its constitution, not {caller}.", "Propose the change."),
    "BadConstitution": (
        "A constitution cannot have {field} {value}: the consortium could decide nothing, or against itself.",
        "Choose another value; ICouncil.sol says which.",
    ),
    "UnknownProposal": ("There is no proposal {proposal}.", "Check its number."),
    "NoContract": ("At {target} stands no contract to call.", "Check the address."),
    "ProposalIsClosed": ("Proposal {proposal} is closed: it was {state}.", "Propose it anew."),
    "QuorumMissing": (
        "Proposal {proposal} has not passed, or lost its quorum: {yes} seats say yes, {needed} are needed.",
        "Have more seats vote, or have it counted again.",
    ),
    "TooEarly": (
        "Proposal {proposal} can be executed from {executableFrom}; it is {nowAt} now (Unix seconds).",
        "Wait until the delay is over.",
    ),
    "NotTheProposer": ("Member {member} did not make proposal {proposal}.", "Vote no instead."),
    # Governance: stops
    "FunctionIsStopped": (
        "This function ({selector}) of {target} is stopped until {until} (Unix seconds).",
        "Wait until the stop ends, or ask a member with a seat on the Council.",
    ),
    "NeverStopped": ("Withdrawals are never stopped ({selector}).", "What is earned can always be taken out."),
    "BadStop": (
        "A stop until {until} cannot be: it must end after {nowAt} and by {latest} (Unix seconds).",
        "Choose another end.",
    ),
    "NotStopped": ("The function {selector} of {target} is not stopped.", "Nothing is left to do."),
    "BadDuration": ("An emergency stop lasts 1 to {most} seconds, not {duration}.", "Ask for another duration."),
    # Governance: validators and addresses
    "ZeroValidator": ("The validator's address is missing.", "Name the address of the validator's key."),
    "ValidatorTaken": (
        "The validator {validator} is member {member}'s already.",
        "Make a key of its own for each validator.",
    ),
    "HasValidator": ("Member {member} has the validator {validator} already.", "Rotate it, or have it unwanted first."),
    "NotWanted": ("The validator {validator} is not in the wanted set.", "See the wanted set."),
    "NotTheMembersValidator": ("The validator {validator} is not member {member}'s.", "Name its own validator."),
    "LastValidator": ("{validator} is the last validator; without it no block is made.", "Have another wanted first."),
    "ValidatorNotAccepted": (
        "The new validator {validator} did not accept; the signature is by {signer}.",
        "Sign the acceptance with the new validator's key.",
    ),
    "EmptyName": ("The contract's name is missing.", "Name it."),
    "ListsDiffer": ("There are {names} names and {addresses} addresses.", "Give each name its address."),
    # Keys
    "NotMember": ("The account {caller} belongs to no member.", "Have the consortium admit it first."),
    "KeyIsRevoked": ("The key {key} of member {member} is revoked.", "Use the member's present key."),
    "KeyHasEnded": (
        "The key {key} ended at {until}; it is {nowAt} now (Unix seconds).",
        "Have the member set it anew.",
    ),
    "NotTheAccount": (
        "The key {key} is an operator's; only the account of member {member} may do this.",
        "Use the member's account.",
    ),
    "NotOperatorOf": ("The key {key} is no operator's of member {member}.", "See the member's keys."),
    "BadOperatorRoles": (
        "An operator cannot have the role bits {roles}.",
        "Give it at least one role, and no seat on the Council.",
    ),
    "BadUntil": ("A key cannot end at {until}; it is {nowAt} now (Unix seconds).", "Choose a later end, before 10000."),
    "KeyNotAccepted": (
        "The key {key} did not accept to act for this member; the signature is by {signer}.",
        "Sign the acceptance with the new key, with the member's present nonce.",
    ),
    # Members
    "NotRegistrar": (
        "Only the consortium's registrar assigns GLNs and GTINs; {caller} is not it.",
        "Ask the consortium's operator.",
    ),
    "UnknownMember": ("There is no member {member}.", "Check the number with `suyuan members`."),
    "MemberNotActive": (
        "Member {member} {standing} and may not act.",
        "Ask the consortium; what is earned can be withdrawn.",
    ),
    "StandingIsFinal": ("Member {member} {standing}, for good.", "Have it admitted anew, with another account."),
    "LastSeat": (
        "Member {member} has the only seat on the Council; without it nothing could be decided.",
        "Give another member a seat first.",
    ),
    "BadRoles": ("No member can have the role bits {roles}.", "See Role in IMembers.sol."),
    "GlnTaken": ("GLN {gln} is member {member}'s.", "Only the Council gives it to another, by a proposal."),
    "GtinTaken": ("GTIN {gtin} is member {member}'s.", "Only the Council gives it to another, by a proposal."),
    "MissingRole": (
        "Member {member} lacks the role that this needs (role bits {needed}).",
        "The consortium assigns roles.",
    ),
    "AccountTaken": (
        "The account {account} is, or once was, a key of member {member}.",
        "Use a key of its own for each member.",
    ),
    "SlugTaken": ("The short name {slug} belongs to member {member} already.", "Choose another."),
    "BadSlug": ("{slug} is no short name.", "Use 1 to 64 small letters, digits and '-'."),
    "ZeroAccount": ("The account is missing.", "Name the account of a key."),
    "BadGln": ("{gln} is not a GLN: its check digit is wrong.", "Check the 13 digits."),
    "BadGtin": ("{gtin} is not a GTIN: its check digit is wrong.", "Check the 14 digits."),
    "NotDelegate": ("The grant is for {delegate}, and {caller} used it.", "Sign a grant for this account."),
    "ActNotGranted": (
        "Member {member} did not grant this kind of act (act bits {needed}).",
        "Sign a grant that covers it.",
    ),
    "GrantExpired": ("The grant ended at {until}; it is {nowAt} now (Unix seconds).", "Sign a new grant."),
    "GrantIsRevoked": ("The member revoked this grant.", "Sign a new grant."),
    "WrongSigner": (
        "The grant is not signed by member {member}; the signature is by {signer}.",
        "Have the member sign it.",
    ),
    # Statements
    "NothingToRecord": ("There is no statement to record.", "Hand in at least one event."),
    # Item codes
    "NotProductOwner": (
        "Member {member} does not own GTIN {gtin}.",
        "Its owner makes the codes; the consortium assigns GTINs.",
    ),
    "AlreadyCommitted": ("These item codes are committed already.", "Nothing is left to do."),
    "BadLot": (
        "{lot} is no lot number.",
        "A lot has 1 to 20 characters of GS1's set 82 (General Specifications, 7.11).",
    ),
    "EmptyLot": ("The lot has no number.", "Name the lot."),
    "EmptyTree": ("There are no items to commit.", "Make at least one code."),
    # Recalls
    "NotEntitled": ("Member {member} may not recall GTIN {gtin}.", "Only the GTIN's owner or a regulator may."),
    "RecallIsOpen": ("Lot {lot} of GTIN {gtin} is recalled already.", "Nothing is left to do."),
    "NoOpenRecall": ("Lot {lot} of GTIN {gtin} is not recalled.", "Check the lot."),
    "EmptyReason": ("A recall needs a reason.", "Say why."),
    # Rules
    "UnknownRule": ("There is no rule {rule}.", "Check its number."),
    "UnknownVersion": ("Rule {rule} has no version {version}.", "Check its number."),
    "NotTheRulesMerchant": ("Rule {rule} does not belong to member {member}.", "Its merchant proposes its versions."),
    "LegCount": ("A rule has 1 to {most} legs, this one {count}.", "Take some out, or put some in."),
    "ResidualCount": ("A rule has exactly one residual leg, this one {count}.", "Make one leg the residual."),
    "SharesExceedWhole": ("The shares sum to {bps} basis points, more than the whole (10000).", "Lower them."),
    "BadLeg": (
        "Leg {leg} (counted from 0) is not well formed.",
        "A share is 1 to 10000 bps; only a share has a cap and a floor, which is at most the cap.",
    ),
    "BadNestedRule": (
        "Rule {rule}, nested at line {leg} (counted from 0), is not the payee's own or has no version that can be nested.",
        "Nest a rule of the payee's of at most 5 legs, without steps and nested rules, that is in force.",
    ),
    "NoMoreVersions": ("Rule {rule} has had all its 65,535 versions.", "Open a new rule."),
    # Tiers
    "NotAnEscrow": ("{caller} is no escrow contract that takes payments.", "Pay through the escrow contract."),
    "NoMoreVariants": (
        "Version {version} of rule {rule} has had all its 255 variants.",
        "Its merchant proposes a new version, with the same legs if need be.",
    ),
    "WrongCount": (
        "{expected} are needed, and there are {actual}.",
        "Give a volume a share with steps, and legs a nested rule.",
    ),
    "CannotBeNested": (
        "The nested legs at {nested} (counted from 0) have steps or nested rules, or are more than 5.",
        "Nest a rule of at most 5 plain legs.",
    ),
    "AmountTooLarge": ("The fixed legs and floors sum to {fen} fen, more than an order may have.", "Lower them."),
    "NotRequired": (
        "Version {version} of rule {rule} does not need the signature of member {member}.",
        "Nothing is left to do.",
    ),
    "AlreadySigned": ("Member {member} has signed version {version} of rule {rule} already.", "Nothing is left to do."),
    "BaseIsStale": (
        "The proposal for rule {rule} was made against version {base}, and {current} is in force now.",
        "Propose it again.",
    ),
    "WrongRuleSigner": (
        "The rule is not signed by member {member}; the signature is by {signer}.",
        "Have the member sign it.",
    ),
    "LegsMismatch": ("The legs handed in are not those of the pinned version.", "Read the legs of that version again."),
    # Credit
    "EscrowIsRetired": ("The escrow contract {escrow} is retired and takes no new payment.", "Pay in its successor."),
    "EscrowHoldsLess": (
        "The escrow contract {escrow} holds {heldFen} fen and would give out {neededFen}.",
        "Report this: it may give out only what it holds.",
    ),
    "EscrowGaveLess": (
        "Members collected {collectedFen} fen from the escrow contract {escrow}, and it would take back {neededFen}.",
        "Report this: it may take back only what was collected from it.",
    ),
    "NotCredit": ("Only the credit contract may do this, not {caller}.", "Collect through it."),
    "NotEnoughInFund": ("The guarantee fund has {fundFen} fen, not {neededFen}.", "Pay less from it."),
    "NotEnoughInTransit": (
        "{inTransitFen} fen are in transit to shoppers, not {neededFen}.",
        "Check the refund; part of it may be due, and not covered yet.",
    ),
    "RefundIsBooked": ("Refund {number} of order {order} was booked already.", "Nothing is left to do."),
    "RefundIsNotBooked": (
        "Refund {number} of order {order} is not booked with this amount.",
        "Book it first, or check the amount.",
    ),
    "IsNoEscrow": (
        "The contract at {at} is no escrow contract: it does not tell what members earned in it.",
        "Check the address.",
    ),
    "NotEscrow": ("Only the escrow contract may do this, not {caller}.", "Pay an order instead."),
    "AccountIsFrozen": ("The account of member {member} is frozen.", "The consortium can unfreeze it."),
    "ShoppersFirst": (
        "{dueFen} fen are due to shoppers; sponsors get their part of refunds after them.",
        "Try again when the debts are paid: members that owe earn, or somebody pays into the guarantee fund.",
    ),
    # Campaigns
    "UnknownCampaign": ("There is no campaign {campaign}.", "See `suyuan campaign list`."),
    "BadTerms": (
        "The campaign's terms make no sense: see its {field}.",
        "ICampaigns.sol says what may stand together.",
    ),
    "CampaignExists": (
        "Campaign {campaign} has this name and other terms.",
        "Terms never change: give the new one its own name.",
    ),
    "CampaignNotRunning": (
        "Campaign {campaign} runs from {starts} until {ends} (Unix seconds), and not now.",
        "Place the order without it.",
    ),
    "CampaignHasNotEnded": ("Campaign {campaign} ends at {ends} (Unix seconds).", "Close it then."),
    "RuleNotServed": ("Campaign {campaign} does not serve orders of rule {rule}.", "Place the order without it."),
    "CampaignCount": ("An order has 1 to {most} campaigns, not {count}.", "Leave some out."),
    "BadStack": (
        "Campaign {campaign} of rank {rank} does not stand after the one before it.",
        "Name them in ascending rank; two of the same rank do not stack.",
    ),
    "NothingOff": ("Campaign {campaign} takes nothing off {priceFen} fen.", "Leave it out."),
    "BudgetExhausted": (
        "Campaign {campaign} has {freeFen} fen left, and {neededFen} are needed.",
        "Place the order without it, or ask its sponsor.",
    ),
    "PriceExists": (
        "Order {order} stands with another list price or other campaigns.",
        "Give the new order a number of its own.",
    ),
    "NotPromoted": ("Order {order} is not promoted, or not paid.", "Check its number."),
    "ReservationHolds": (
        "What order {order} reserved holds until {until} (Unix seconds), or for good: it is paid.",
        "Wait until then.",
    ),
    "NotEscrowContract": ("Only the escrow contract pays a promoted order, not {caller}.", "Pay the order instead."),
    "NotCampaigns": ("Only the campaigns contract may do this, not {caller}.", "Place the order there."),
    "NotEnoughCredit": ("Member {member} has {availableFen} fen available and needs {neededFen}.", "Take less."),
    "ZeroAmount": ("The amount is zero.", "Name an amount of at least 1 fen."),
    "UnknownWithdrawal": ("There is no withdrawal {withdrawal}.", "Check its number."),
    "WithdrawalIsClosed": ("Withdrawal {withdrawal} was booked or returned already.", "Nothing is left to do."),
    "ReferenceReused": (
        "Member {member} used this withdrawal reference for another amount.",
        "Use a new reference for a new withdrawal.",
    ),
    # Escrow
    "NotTheOrdersMerchant": ("Order {order} is not of member {member}.", "Its own merchant refunds it."),
    "RefundOutOfOrder": (
        "The next refund of order {order} is number {expected}, not {actual}.",
        "Number the refunds of an order without holes.",
    ),
    "RefundExceedsRest": ("Of order {order} {restFen} fen remain, not {amountFen}.", "Refund at most what remains."),
    "BadRefund": ("A refund of order {order} over nothing.", "Refund at least 1 fen."),
    # Batches
    "BadBatch": (
        "A batch of {count} orders, {width} bytes an amount and {totalFen} fen is not one.",
        "It has 1 to 4,096 orders, 1 to 7 bytes an amount, and a total.",
    ),
    "UnknownBatch": ("There is no batch {batch}.", "Place it first."),
    "BatchIsNotPaid": ("Batch {batch} is not paid.", "The bank member pays it first."),
    "NotTheBatchsCarrier": ("Member {member} is not the carrier of batch {batch}.", "Its own carrier delivers it."),
    "NotTheBatchsMerchant": ("Batch {batch} is not of member {member}.", "Its own merchant does this."),
    "AmountsMismatch": ("These are not the amounts of batch {batch}.", "Repeat them as they were placed."),
    "TotalMismatch": ("The amounts of batch {batch} sum to {actualFen} fen, not {expectedFen}.", "Place it again."),
    "BadAmountInBatch": (
        "The amount at place {position} of batch {batch} is {amountFen} fen, which its rule does not serve.",
        "Place the batch without it.",
    ),
    "BadMarks": ("The marks do not fit batch {batch}.", "One bit an order, and none beyond the last."),
    "BadChunks": (
        "The amounts of batch {batch} take {expectedBytes} bytes, not {actualBytes}.",
        "Give each chunk's amounts when an order of it is marked, else its hash.",
    ),
    "BatchEvidenceMissing": ("Batch {batch} is delivered without evidence.", "Name the checkpoint."),
    "BadAmount": (
        "Order {number} has the amount {amountFen} fen; it must be 1 to 900000000000000.",
        "Correct the amount.",
    ),
    "BelowMinimum": (
        "Order {number} of {amountFen} fen is smaller than its rule's fixed legs and floors, {minimumFen} fen.",
        "Use a rule with smaller fixed legs and floors, or a larger order.",
    ),
    "OrderExists": (
        "The order number was used for other content (order {order}).",
        "Give the order a number of its own.",
    ),
    "UnknownOrder": ("There is no order {order}.", "Place it first."),
    "WrongState": (
        "Order {order} is {actual}, and this needs it {expected}.",
        "Look at the order; it may be done already.",
    ),
    "WrongPayment": ("Order {order} is for {expectedFen} fen, and {actualFen} were paid.", "Pay its exact amount."),
    "NotTheOrdersCarrier": (
        "Member {member} is not the carrier that order {order} names.",
        "Its own carrier confirms delivery.",
    ),
    "RuleNotInForce": ("Rule {rule} is not in force.", "Those it pays must sign it first."),
    "RuleOfAnotherMerchant": ("Rule {rule} belongs to merchant {merchant}.", "Use a rule of your own."),
    "EvidenceMissing": (
        "The delivery of order {order} has no evidence.",
        "Name the statement or checkpoint that shows it.",
    ),
    "PaidBelowMinimum": (
        "Order {order} of {amountFen} fen is smaller than its rule's fixed legs and floors, {minimumFen} fen.",
        "Use a rule with smaller fixed legs and floors, or a larger order.",
    ),
    "EmptyNumber": ("The order has no number.", "Give it one."),
    # OpenZeppelin
    "InvalidShortString": ("A name in the contract is too long.", "Report this: it is fixed when a contract is made."),
    "StringTooLong": (
        "A name in the contract is too long: {str}.",
        "Report this: it is fixed when a contract is made.",
    ),
}

_PROPOSAL_STATES = (
    "unknown",
    "voting",
    "passed",
    "executed",
    "withdrawn",
    "lapsed: no quorum, or not executed, in time",
)
_ORDER_STATES = ("unknown", "placed", "paid", "delivered", "settled", "refunded")
_PANICS = {
    0x01: "an assertion failed",
    0x11: "a number grew too large or fell below zero",
    0x12: "a division by zero",
    0x21: "a value outside its enumeration",
    0x32: "a list is too short",
}


def sentence_of(error: str, args: dict[str, Any]) -> tuple[str, str | None]:
    """The sentence and the hint for a custom error with its arguments."""
    template, hint = SENTENCES.get(error, (None, None))
    if template is None:
        listed = ", ".join(f"{name} {_shown(value)}" for name, value in args.items())
        return f"{error}({listed}).", None
    shown = {name: _shown(value) for name, value in args.items()}
    if error == "WrongState":
        shown |= {side: _ORDER_STATES[args[side]] for side in ("expected", "actual")}
    if "standing" in args:
        shown["standing"] = Standing(args["standing"]).word()
    if error == "ProposalIsClosed":
        shown["state"] = _PROPOSAL_STATES[args["state"]]
    return template.format(**shown), hint


def panic_sentence(code: int) -> str:
    """A Solidity panic (Solidity manual, "Panic via assert and Error via require")."""
    return f"Panic 0x{code:02x}: {_PANICS.get(code, 'an internal check failed')}."


def _shown(value: Any) -> str:
    return "0x" + value.hex() if isinstance(value, bytes) else str(value)
