// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {Campaigns} from "../../src/Campaigns.sol";
import {Council} from "../../src/Council.sol";
import {Credit} from "../../src/Credit.sol";
import {Directory} from "../../src/Directory.sol";
import {Escrow} from "../../src/Escrow.sol";
import {ItemCodes} from "../../src/ItemCodes.sol";
import {Members} from "../../src/Members.sol";
import {Recalls} from "../../src/Recalls.sol";
import {Rules} from "../../src/Rules.sol";
import {Statements} from "../../src/Statements.sol";
import {Tiers} from "../../src/Tiers.sol";
import {Validators} from "../../src/Validators.sol";
import {Constitution} from "../../src/interfaces/ICouncil.sol";
import {IBatches} from "../../src/interfaces/IBatches.sol";
import {CampaignKind, CampaignTerms, ICampaigns} from "../../src/interfaces/ICampaigns.sol";
import {ICredit} from "../../src/interfaces/ICredit.sol";
import {IEscrow, OrderState} from "../../src/interfaces/IEscrow.sol";
import {IGoverned} from "../../src/interfaces/IGoverned.sol";
import {IKeys} from "../../src/interfaces/IKeys.sol";
import {Act, IMembers, Role, Standing} from "../../src/interfaces/IMembers.sol";
import {IStops} from "../../src/interfaces/IStops.sol";
import {IRules, Leg, LegKind} from "../../src/interfaces/IRules.sol";
import {Split} from "../../src/libraries/Split.sol";
import {Vm} from "./Vm.sol";

/// @notice A consortium with its contracts, and builders that set a scene in one line.
abstract contract World {
    Vm internal constant vm = Vm(0x7109709ECfa91a80626fF3989D68f67F5b1DD12D);

    uint64 internal constant NOW = 1_780_000_000;
    uint64 internal constant LETTUCE = 614141123452; // GTIN-12 0614141123452, whose owner is the farm
    uint64 internal constant FIELD = 614141000005; // GLN 0614141000005

    // Members' numbers, in the order in which they are admitted.
    uint32 internal constant FARM = 1;
    uint32 internal constant CARRIER = 2;
    uint32 internal constant MERCHANT = 3;
    uint32 internal constant CREATOR = 4;
    uint32 internal constant PLATFORM = 5;
    uint32 internal constant BANK = 6;
    uint32 internal constant REGULATOR = 7;
    uint32 internal constant OTHER_MERCHANT = 8;
    uint32 internal constant OTHER_CARRIER = 9;
    uint32 internal constant NOBODY = 99;

    address internal immutable founder = vm.addr(1);
    address internal immutable stranger = vm.addr(2);

    Members internal members;
    Council internal council;
    Validators internal validators;
    Statements internal statements;
    ItemCodes internal itemCodes;
    Recalls internal recalls;
    Rules internal rules;
    Credit internal credit;
    Tiers internal tiers;
    Escrow internal escrow;
    Campaigns internal campaigns;
    Directory internal directory;

    function setUp() public virtual {
        vm.warp(NOW);
        members = new Members(founder);
        council = new Council(members, aConstitution());
        validators = new Validators(members);
        statements = new Statements(members);
        itemCodes = new ItemCodes(members);
        recalls = new Recalls(members);
        rules = new Rules(members);
        address escrowToBe = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 2);
        address campaignsToBe = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 3);
        credit = new Credit(members, escrowToBe, campaignsToBe);
        tiers = new Tiers(rules, credit);
        escrow = new Escrow(members, rules, credit, tiers, ICampaigns(campaignsToBe));
        campaigns = new Campaigns(members, credit, escrow);
        directory = new Directory(members, 1, names(), addresses());

        admit(FARM, Role.FARM, "farm");
        admit(CARRIER, Role.CARRIER, "carrier");
        admit(MERCHANT, Role.MERCHANT, "merchant");
        admit(CREATOR, Role.CREATOR, "creator");
        admit(PLATFORM, Role.PLATFORM, "platform");
        admit(BANK, Role.BANK, "bank");
        admit(REGULATOR, Role.REGULATOR, "regulator");
        admit(OTHER_MERCHANT, Role.MERCHANT, "other-merchant");
        admit(OTHER_CARRIER, Role.CARRIER, "other-carrier");
        vm.prank(founder);
        members.assignProduct(LETTUCE, FARM, "Lettuce");
    }

    // --- who acts ---

    function keyOf(uint32 member) internal pure returns (uint256) {
        return 1000 + member;
    }

    function accountOf(uint32 member) internal pure returns (address) {
        return vm.addr(keyOf(member));
    }

    /// @dev The next call is the member's.
    function by(uint32 member) internal {
        vm.prank(accountOf(member));
    }

    function admit(uint32 member, uint32 roles, string memory slug) private {
        vm.prank(founder);
        uint32 admitted = members.admit(accountOf(member), roles, slug, slug);
        vm.assertEq(admitted, member);
    }

    /// @dev More than two thirds, a day's delay; two seats stop a function for a day at most.
    function aConstitution() internal pure returns (Constitution memory) {
        return Constitution({
            quorumBps: 6667,
            delaySeconds: 1 days,
            votingSeconds: 7 days,
            executionSeconds: 3 days,
            emergencySeats: 2,
            emergencyMaxSeconds: 1 days,
            emergencyWindowSeconds: 1 hours
        });
    }

    function names() internal pure returns (bytes32[] memory list) {
        list = new bytes32[](2);
        (list[0], list[1]) = ("Statements", "Escrow");
    }

    function addresses() internal view returns (address[] memory list) {
        list = new address[](2);
        (list[0], list[1]) = (address(statements), address(escrow));
    }

    function suspended(uint32 member) internal {
        vm.prank(founder);
        members.suspend(member, "under review");
    }

    function frozen(uint32 member) internal {
        vm.prank(founder);
        credit.freeze(member, "court order");
    }

    function signatureOf(uint32 member, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(keyOf(member), digest);
        return abi.encodePacked(r, s, v);
    }

    /// @dev The other root of the curve's equation: also valid mathematically, and refused.
    function highS(bytes memory signature) internal pure returns (bytes memory) {
        (bytes32 r, bytes32 s, uint8 v) = (bytes32(0), bytes32(0), uint8(signature[64]));
        assembly ("memory-safe") {
            r := mload(add(signature, 32))
            s := mload(add(signature, 64))
        }
        uint256 order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;
        return abi.encodePacked(r, bytes32(order - uint256(s)), v == 27 ? uint8(28) : uint8(27));
    }

    // --- keys ---

    uint256 internal constant OPERATOR_KEY = 77;

    function acceptance(uint32 member, uint256 key) internal view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, members.hashKeyAccepted(member, vm.addr(key)));
        return abi.encodePacked(r, s, v);
    }

    /// @dev The member's operator from now on, for a day.
    function operator(uint32 member, uint32 roles) internal {
        bytes memory accepted = acceptance(member, OPERATOR_KEY);
        by(member);
        members.setOperator(vm.addr(OPERATOR_KEY), roles, NOW + 1 days, accepted);
    }

    /// @dev The next call is the operator's.
    function byOperator() internal {
        vm.prank(vm.addr(OPERATOR_KEY));
    }

    // --- grants ---

    /// @dev The farm lets the stranger record for it for an hour.
    function aGrant() internal view returns (IMembers.Grant memory) {
        return IMembers.Grant({
            member: FARM,
            delegate: stranger,
            acts: Act.RECORD_STATEMENT,
            until: NOW + 1 hours,
            salt: bytes32(uint256(7))
        });
    }

    // --- rules ---

    function fixedLeg(uint32 payee, uint64 fen) internal pure returns (Leg memory) {
        return Leg({payee: payee, kind: LegKind.Fixed, value: fen, cap: 0, floor: 0});
    }

    function shareLeg(uint32 payee, uint64 bps, uint64 capFen) internal pure returns (Leg memory) {
        return Leg({payee: payee, kind: LegKind.Share, value: bps, cap: capFen, floor: 0});
    }

    function residualLeg(uint32 payee) internal pure returns (Leg memory) {
        return Leg({payee: payee, kind: LegKind.Residual, value: 0, cap: 0, floor: 0});
    }

    /// @dev A share with a floor.
    function flooredLeg(uint32 payee, uint64 bps, uint64 capFen, uint64 floorFen) internal pure returns (Leg memory) {
        return Leg({payee: payee, kind: LegKind.Share, value: bps, cap: capFen, floor: floorFen});
    }

    function packed(Leg[] memory legs) internal pure returns (bytes memory) {
        return Split.pack(legs);
    }

    function none() internal pure returns (Leg[] memory) {
        return new Leg[](0);
    }

    function legsOf(Leg memory a) internal pure returns (Leg[] memory legs) {
        legs = new Leg[](1);
        legs[0] = a;
    }

    function legsOf(Leg memory a, Leg memory b) internal pure returns (Leg[] memory legs) {
        legs = new Leg[](2);
        (legs[0], legs[1]) = (a, b);
    }

    function legsOf(Leg memory a, Leg memory b, Leg memory c) internal pure returns (Leg[] memory legs) {
        legs = new Leg[](3);
        (legs[0], legs[1], legs[2]) = (a, b, c);
    }

    function legsOf(Leg memory a, Leg memory b, Leg memory c, Leg memory d) internal pure returns (Leg[] memory legs) {
        legs = new Leg[](4);
        (legs[0], legs[1], legs[2], legs[3]) = (a, b, c, d);
    }

    /// @dev Platform 50 fen, creator 20 %, carrier 5 % and at most 300 fen, the merchant the rest.
    function usualLegs() internal pure returns (Leg[] memory) {
        return
            legsOf(
                fixedLeg(PLATFORM, 50), shareLeg(CREATOR, 2000, 0), shareLeg(CARRIER, 500, 300), residualLeg(MERCHANT)
            );
    }

    function proposed(uint32 rule, Leg[] memory legs, Leg[] memory baseLegs) internal returns (uint32, uint32) {
        by(MERCHANT);
        return rules.propose(rule, legs, baseLegs);
    }

    function signed(uint32 rule, uint32 version, uint32 member) internal {
        rules.sign(rule, version, member, signatureOf(member, rules.digest(rule, version)));
    }

    /// @dev A first version of a new rule, signed by all its payees.
    function aRuleInForce(Leg[] memory legs) internal returns (uint32 rule) {
        (rule,) = proposed(0, legs, none());
        for (uint256 i = 0; i < legs.length; ++i) {
            bool again = false;
            for (uint256 j = 0; j < i; ++j) {
                again = again || legs[j].payee == legs[i].payee;
            }
            if (!again) signed(rule, 1, legs[i].payee);
        }
    }

    /// @dev What a settlement of this amount credits, by leg.
    function allocated(uint64 amountFen, Leg[] memory legs) internal view returns (uint64[] memory) {
        return tiers.allocate(amountFen, legs, new uint256[](0), new Leg[][](0));
    }

    // --- orders ---

    function terms(string memory number, uint64 amountFen, uint32 rule)
        internal
        pure
        returns (IEscrow.OrderTerms memory)
    {
        return IEscrow.OrderTerms({number: number, amountFen: amountFen, rule: rule, carrier: CARRIER});
    }

    function placed(IEscrow.OrderTerms memory order) internal returns (bytes32) {
        IEscrow.OrderTerms[] memory list = new IEscrow.OrderTerms[](1);
        list[0] = order;
        by(MERCHANT);
        escrow.place(list);
        return escrow.orderId(MERCHANT, order.number);
    }

    function payment(bytes32 order, uint64 amountFen) internal pure returns (IEscrow.Payment[] memory list) {
        list = new IEscrow.Payment[](1);
        list[0] = IEscrow.Payment({order: order, amountFen: amountFen, bankReference: "CMB-1"});
    }

    function aPaidOrder(string memory number, uint64 amountFen, uint32 rule) internal returns (bytes32 order) {
        order = placed(terms(number, amountFen, rule));
        by(BANK);
        escrow.pay(payment(order, amountFen));
    }

    function aDeliveredOrder(string memory number, uint64 amountFen, uint32 rule) internal returns (bytes32 order) {
        order = aPaidOrder(number, amountFen, rule);
        by(CARRIER);
        escrow.deliver(only(order), "checkpoint");
    }

    function aSettledOrder(string memory number, uint64 amountFen, uint32 rule, Leg[] memory legs)
        internal
        returns (bytes32 order)
    {
        order = aDeliveredOrder(number, amountFen, rule);
        escrow.settle(only(order), packed(legs));
    }

    // --- refunds ---

    function refundOf(bytes32 order, uint8 number, uint64 amountFen)
        internal
        pure
        returns (IEscrow.Refund[] memory list)
    {
        list = new IEscrow.Refund[](1);
        list[0] = IEscrow.Refund({order: order, number: number, amountFen: amountFen, reason: "one wilted"});
    }

    function refunded(bytes32 order, uint8 number, uint64 amountFen, bytes memory legs) internal {
        by(MERCHANT);
        escrow.refund(refundOf(order, number, amountFen), legs);
    }

    /// @dev What the bank booked as paid to the shopper, or what came back to it.
    function refundPayment(bytes32 order, uint8 number, uint64 amountFen)
        internal
        pure
        returns (ICredit.RefundPayment[] memory list)
    {
        list = new ICredit.RefundPayment[](1);
        list[0] = ICredit.RefundPayment({order: order, number: number, amountFen: amountFen});
    }

    // --- lists ---

    function only(bytes32 value) internal pure returns (bytes32[] memory list) {
        list = new bytes32[](1);
        list[0] = value;
    }

    function pair(bytes32 a, bytes32 b) internal pure returns (bytes32[] memory list) {
        list = new bytes32[](2);
        (list[0], list[1]) = (a, b);
    }

    function assertState(bytes32 order, OrderState state) internal view {
        vm.assertEq(uint256(escrow.stateOf(order)), uint256(state));
    }

    // --- batches ---

    uint16 internal constant THOUSAND = 1000;

    /// @dev Amounts of 3 bytes each, from 50 fen to 167,772 fen, all different.
    function amountsOf(uint256 count) internal pure returns (bytes memory amounts) {
        amounts = new bytes(3 * count);
        for (uint256 i = 0; i < count; ++i) {
            uint256 amountFen = amountAt(i);
            amounts[3 * i] = bytes1(uint8(amountFen >> 16));
            amounts[3 * i + 1] = bytes1(uint8(amountFen >> 8));
            amounts[3 * i + 2] = bytes1(uint8(amountFen));
        }
    }

    function amountAt(uint256 position) internal pure returns (uint64) {
        return uint64(50 + position * 7919 % 167_723);
    }

    function rootOf(bytes memory amounts) internal pure returns (bytes32) {
        return rootOf(amounts, 3);
    }

    function rootOf(bytes memory amounts, uint256 width) internal pure returns (bytes32) {
        bytes memory hashes = "";
        for (uint256 from = 0; from < amounts.length; from += 32 * width) {
            hashes = abi.encodePacked(hashes, keccak256(part(amounts, from, 32 * width)));
        }
        return keccak256(hashes);
    }

    function chunksFor(uint256[] memory marked, bytes memory amounts) internal pure returns (bytes memory chunks) {
        return chunksFor(marked, amounts, 3);
    }

    /// @dev For each chunk of 32 orders its amounts when one of them is marked, else its hash.
    function chunksFor(uint256[] memory marked, bytes memory amounts, uint256 width)
        internal
        pure
        returns (bytes memory chunks)
    {
        uint256 size = 32 * width;
        for (uint256 chunk = 0; size * chunk < amounts.length; ++chunk) {
            bytes memory bytes_ = part(amounts, size * chunk, size);
            bool repeated = uint32(marked[chunk / 8] >> 32 * (chunk % 8)) != 0;
            chunks = repeated ? abi.encodePacked(chunks, bytes_) : abi.encodePacked(chunks, keccak256(bytes_));
        }
    }

    function part(bytes memory whole, uint256 from, uint256 size) internal pure returns (bytes memory some) {
        uint256 to = from + size < whole.length ? from + size : whole.length;
        some = new bytes(to - from);
        for (uint256 i = from; i < to; ++i) {
            some[i - from] = whole[i];
        }
    }

    function batchTerms(uint16 count, uint32 rule) internal pure returns (IBatches.BatchTerms memory) {
        bytes memory amounts = amountsOf(count);
        uint64 totalFen = 0;
        for (uint256 i = 0; i < count; ++i) {
            totalFen += amountAt(i);
        }
        return IBatches.BatchTerms({
            manifest: keccak256("manifest"),
            amountsRoot: rootOf(amounts),
            totalFen: totalFen,
            rule: rule,
            carrier: CARRIER,
            count: count,
            width: 3
        });
    }

    function aPaidBatch(uint16 count, uint32 rule) internal returns (bytes32 batch) {
        by(MERCHANT);
        batch = escrow.placeBatch(batchTerms(count, rule));
        by(BANK);
        escrow.payBatch(batch, amountsOf(count), "CMB-9");
    }

    /// @dev Every order of the batch.
    function allOf(uint256 count) internal pure returns (uint256[] memory marked) {
        marked = new uint256[]((count + 255) / 256);
        for (uint256 i = 0; i < count; ++i) {
            marked[i / 256] |= 1 << i % 256;
        }
    }

    /// @dev One order of a batch of so many.
    function oneOf(uint256 count, uint256 position) internal pure returns (uint256[] memory marked) {
        marked = new uint256[]((count + 255) / 256);
        marked[position / 256] = 1 << position % 256;
    }

    function both(uint256[] memory a, uint256[] memory b) internal pure returns (uint256[] memory marked) {
        marked = new uint256[](a.length);
        for (uint256 i = 0; i < a.length; ++i) {
            marked[i] = a[i] | b[i];
        }
    }

    function orderAt(bytes32 batch, uint256 position) internal pure returns (bytes32) {
        return bytes32(uint256(batch) + position);
    }

    /// @dev The carrier delivers and settles these orders of a batch of `amountsOf(count)`.
    function settledOf(bytes32 batch, uint256[] memory marked, uint16 count, Leg[] memory legs) internal {
        by(CARRIER);
        escrow.settleBatch(batch, marked, chunksFor(marked, amountsOf(count)), "checkpoint", packed(legs));
    }

    function refundedOf(bytes32 batch, uint256[] memory marked, uint16 count, Leg[] memory legs) internal {
        by(MERCHANT);
        escrow.refundBatch(batch, marked, chunksFor(marked, amountsOf(count)), packed(legs), "wilted");
    }

    function takenOut(bytes32 batch, uint256[] memory marked, uint16 count) internal {
        by(MERCHANT);
        escrow.takeOut(batch, marked, chunksFor(marked, amountsOf(count)));
    }

    // --- credit ---

    /// @dev An order of which the merchant takes everything, settled.
    function merchantHolds(uint64 amountFen) internal {
        Leg[] memory legs = legsOf(residualLeg(MERCHANT));
        uint32 rule = aRuleInForce(legs);
        bytes32 order = aDeliveredOrder("credit", amountFen, rule);
        escrow.settle(only(order), packed(legs));
    }

    /// @dev As ICredit.refund takes it.
    function oneEntry(uint32 member, uint64 amountFen) internal pure returns (uint256[] memory entries) {
        entries = new uint256[](1);
        entries[0] = uint256(member) << 64 | amountFen;
    }

    function assertBalance(uint32 member, uint64 availableFen, uint64 inTransitFen) internal view {
        vm.assertEq(credit.availableFen(member), availableFen, "available");
        vm.assertEq(credit.inTransitFen(member), inTransitFen, "in transit");
    }

    // --- refusals ---

    function refuses(bytes4 error) internal {
        vm.expectRevert(abi.encodeWithSelector(error));
    }

    function refuses(bytes memory error) internal {
        vm.expectRevert(error);
    }

    function refusesNotMember(address account) internal {
        refuses(abi.encodeWithSelector(IKeys.NotMember.selector, account));
    }

    function refusesInactive(uint32 member) internal {
        refusesStanding(member, Standing.Suspended);
    }

    function refusesStanding(uint32 member, Standing standing) internal {
        refuses(abi.encodeWithSelector(IMembers.MemberNotActive.selector, member, standing));
    }

    function refusesStopped(address target, bytes4 selector, uint64 until) internal {
        refuses(abi.encodeWithSelector(IStops.FunctionIsStopped.selector, target, selector, until));
    }

    function refusesRole(uint32 member, uint32 needed) internal {
        refuses(abi.encodeWithSelector(IMembers.MissingRole.selector, member, needed));
    }

    function refusesUnknown(uint32 member) internal {
        refuses(abi.encodeWithSelector(IMembers.UnknownMember.selector, member));
    }

    function refusesAllButGovernor(address caller) internal {
        refuses(abi.encodeWithSelector(IGoverned.NotGovernor.selector, caller));
    }

    function assertNoLogs() internal {
        vm.assertEq(vm.getRecordedLogs().length, 0, "logs");
    }
}
