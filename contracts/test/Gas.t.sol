// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {IMembers} from "../src/interfaces/IMembers.sol";
import {Leg} from "../src/interfaces/IRules.sol";
import {PushSplitLike, TokenLike} from "./support/PushSplitLike.sol";
import {World} from "./support/World.sol";

/// @notice Says what an act costs as a transaction of its own, 21,000 and calldata included. It asserts nothing: run
///         `forge test --isolate --match-contract GasTest -vv`.
contract GasTest is World {
    event log_named_uint(string act, uint256 gas);

    function say(string memory act) internal {
        emit log_named_uint(act, vm.lastCallGas().gasTotalUsed);
    }

    function fiveLegs() internal pure returns (Leg[] memory legs) {
        legs = new Leg[](5);
        legs[0] = fixedLeg(PLATFORM, 50);
        legs[1] = shareLeg(CREATOR, 2000, 0);
        legs[2] = shareLeg(CARRIER, 500, 300);
        legs[3] = shareLeg(FARM, 3000, 0);
        legs[4] = residualLeg(MERCHANT);
    }

    /// @dev As say, by so many, rounded up.
    function sayEach(string memory act, uint256 count) internal {
        emit log_named_uint(act, (vm.lastCallGas().gasTotalUsed + count - 1) / count);
    }

    function test_record() public {
        by(FARM);
        statements.record(only("first"));
        by(FARM);
        statements.record(only(keccak256("harvest")));
        say("Statements.record, 1 statement");

        bytes32[] memory ten = new bytes32[](10);
        for (uint256 i = 0; i < 10; ++i) {
            ten[i] = keccak256(abi.encode(i));
        }
        by(FARM);
        statements.record(ten);
        say("Statements.record, 10 statements");
    }

    function test_recordFor() public {
        IMembers.Grant memory grant = aGrant();
        bytes memory signature = signatureOf(FARM, members.hashGrant(grant));
        vm.prank(stranger);
        statements.recordFor(only("first"), grant, signature);
        vm.prank(stranger);
        statements.recordFor(only(keccak256("harvest")), grant, signature);
        say("Statements.recordFor, 1 statement relayed under the member's signature");
    }

    function test_commitItems() public {
        by(FARM);
        itemCodes.commitItems(LETTUCE, "ABC1234", keccak256("root"), 1_000_000, keccak256("manifest"));
        say("ItemCodes.commitItems, any number of serials");
    }

    function test_orderLife() public {
        Leg[] memory legs = fiveLegs();
        uint32 rule = aRuleInForce(legs);
        escrow.settle(only(aDeliveredOrder("warm", 100_000, rule)), packed(legs)); // each payee's balance is no more zero

        bytes32 order = placed(terms("1", 100_000, rule));
        by(BANK);
        escrow.pay(payment(order, 100_000));
        say("Escrow.pay, 1 order");
        by(CARRIER);
        escrow.deliver(only(order), keccak256("checkpoint"));
        say("Escrow.deliver, 1 order");
        escrow.settle(only(order), packed(legs));
        say("Escrow.settle, 1 order, 5 warm legs");

        order = aPaidOrder("2", 100_000, rule);
        by(CARRIER);
        escrow.deliverAndSettle(only(order), keccak256("checkpoint"), packed(legs));
        say("Escrow.deliverAndSettle, 1 order, 5 warm legs");

        bytes32[] memory hundred = new bytes32[](100);
        for (uint256 i = 0; i < 100; ++i) {
            hundred[i] = aPaidOrder(string(abi.encode(i)), 100_000, rule);
        }
        by(CARRIER);
        escrow.deliverAndSettle(hundred, keccak256("checkpoint"), packed(legs));
        sayEach("Escrow.deliverAndSettle, 100 orders, 5 warm legs, each", 100);

        credit.collect(CREATOR);
        escrow.settle(only(aDeliveredOrder("3", 100_000, rule)), packed(legs));
        credit.collect(CREATOR);
        say("Credit.collect, by a member that has collected before");
    }

    function test_refund() public {
        Leg[] memory legs = fiveLegs();
        uint32 rule = aRuleInForce(legs);
        bytes32 settled = aDeliveredOrder("settled", 100_000, rule);
        escrow.settle(only(settled), packed(legs));
        bytes32 order = aPaidOrder("1", 100_000, rule);
        by(MERCHANT);
        escrow.refund(refundOf(order, 1, 1000), "");
        say("Escrow.refund, the first of an order in escrow, in part");
        by(MERCHANT);
        escrow.refund(refundOf(order, 2, 1000), "");
        say("Escrow.refund, of an order in escrow, in part");
        by(MERCHANT);
        escrow.refund(refundOf(settled, 1, 1000), packed(legs));
        say("Escrow.refund, of a settled order, in part, 5 legs");
    }

    function test_batch() public {
        Leg[] memory legs = fiveLegs();
        uint32 rule = aRuleInForce(legs);
        escrow.settle(only(aDeliveredOrder("warm", 100_000, rule)), packed(legs));
        aPaidBatch(1, rule); // the version is pinned
        bytes memory amounts = amountsOf(THOUSAND);

        by(MERCHANT);
        bytes32 batch = escrow.placeBatch(batchTerms(THOUSAND, rule));
        say("Escrow.placeBatch");
        by(BANK);
        escrow.payBatch(batch, amounts, "CMB-9");
        sayEach("Escrow.payBatch, 1,000 orders, each", THOUSAND);
        by(CARRIER);
        escrow.settleBatch(batch, allOf(THOUSAND), amounts, "checkpoint", packed(legs));
        sayEach("Escrow.settleBatch, 1,000 orders, 5 warm legs, each", THOUSAND);

        uint256[] memory marked = new uint256[](4);
        for (uint256 i = 0; i < 30; ++i) {
            uint256 position = 7 + 33 * i;
            marked[position / 256] |= 1 << position % 256;
        }
        by(MERCHANT);
        escrow.refundBatch(batch, marked, chunksFor(marked, amounts), packed(legs), "wilted");
        sayEach("Escrow.refundBatch, 30 of a settled batch of 1,000, each", 30);
    }

    /// @dev The peer: one balance to five recipients that hold some already.
    function test_pushSplit() public {
        PushSplitLike.Split memory split;
        split.recipients = new address[](5);
        split.allocations = new uint256[](5);
        split.totalAllocation = 10_000;
        TokenLike token = new TokenLike();
        uint16[5] memory bps = [uint16(500), 2000, 500, 3000, 4000];
        for (uint32 i = 0; i < 5; ++i) {
            (split.recipients[i], split.allocations[i]) = (accountOf(1 + i), bps[i]);
            token.mint(split.recipients[i], 1);
        }
        PushSplitLike splitter = new PushSplitLike(split);
        token.mint(address(splitter), 100_001);

        splitter.distribute(split, token, stranger);
        say("PushSplitLike.distribute, 1 balance, 5 warm recipients");
    }
}
