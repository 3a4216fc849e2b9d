// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {IBatches} from "../../src/interfaces/IBatches.sol";
import {Role} from "../../src/interfaces/IMembers.sol";
import {IRules, Leg} from "../../src/interfaces/IRules.sol";
import {BatchWorld} from "../support/BatchWorld.sol";

contract SettleBatchTest is BatchWorld {
    bytes32 internal batch;

    function setUp() public override {
        super.setUp();
        batch = aPaidBatch(40, rule);
    }

    function settle(uint256[] memory marked, bytes memory chunks) internal {
        by(CARRIER);
        escrow.settleBatch(batch, marked, chunks, "checkpoint", packed(usualLegs()));
    }

    // --- refused ---

    function test_refusesAnyoneButTheBatchsCarrier() public {
        bytes memory legs = packed(usualLegs());
        refusesNotMember(stranger);
        vm.prank(stranger);
        escrow.settleBatch(batch, allOf(40), amountsOf(40), "checkpoint", legs);

        refusesRole(MERCHANT, Role.CARRIER);
        by(MERCHANT);
        escrow.settleBatch(batch, allOf(40), amountsOf(40), "checkpoint", legs);

        refuses(abi.encodeWithSelector(IBatches.NotTheBatchsCarrier.selector, batch, OTHER_CARRIER));
        by(OTHER_CARRIER);
        escrow.settleBatch(batch, allOf(40), amountsOf(40), "checkpoint", legs);

        suspended(CARRIER);
        refusesInactive(CARRIER);
        settle(allOf(40), amountsOf(40));
    }

    function test_refusesABatchThatIsUnknownOrNotPaid() public {
        by(MERCHANT);
        bytes32 unpaid = escrow.placeBatch(batchTerms(2, rule));
        bytes memory legs = packed(usualLegs());
        refuses(abi.encodeWithSelector(IBatches.UnknownBatch.selector, bytes32("other")));
        by(CARRIER);
        escrow.settleBatch("other", allOf(2), amountsOf(2), "checkpoint", legs);

        refuses(abi.encodeWithSelector(IBatches.BatchIsNotPaid.selector, unpaid));
        by(CARRIER);
        escrow.settleBatch(unpaid, allOf(2), amountsOf(2), "checkpoint", legs);
    }

    function test_refusesWithoutEvidence() public {
        bytes memory legs = packed(usualLegs());
        refuses(abi.encodeWithSelector(IBatches.BatchEvidenceMissing.selector, batch));
        by(CARRIER);
        escrow.settleBatch(batch, allOf(40), amountsOf(40), 0, legs);
    }

    function test_refusesOtherLegs() public {
        bytes memory others = packed(legsOf(residualLeg(CARRIER)));
        refuses(abi.encodeWithSelector(IRules.LegsMismatch.selector, keccak256(packed(usualLegs())), keccak256(others)));
        by(CARRIER);
        escrow.settleBatch(batch, allOf(40), amountsOf(40), "checkpoint", others);
    }

    function test_refusesMarksBeyondTheLastOrderAndAnotherNumberOfWords() public {
        uint256[] memory marked = allOf(40);
        marked[0] |= 1 << 40;
        refuses(abi.encodeWithSelector(IBatches.BadMarks.selector, batch));
        settle(marked, amountsOf(40));

        refuses(abi.encodeWithSelector(IBatches.BadMarks.selector, batch));
        settle(allOf(257), amountsOf(40));

        bytes32 larger = aPaidBatch(257, rule);
        bytes memory legs = packed(usualLegs());
        refuses(abi.encodeWithSelector(IBatches.BadMarks.selector, larger));
        by(CARRIER);
        escrow.settleBatch(larger, allOf(256), amountsOf(257), "checkpoint", legs);
    }

    function test_refusesBytesThatAreMissingOrLeftOver() public {
        refusesChunks(batch, 120, 119);
        settle(allOf(40), part(amountsOf(40), 0, 119));
        refusesChunks(batch, 120, 121);
        settle(allOf(40), abi.encodePacked(amountsOf(40), uint8(0)));
        refusesChunks(batch, 96 + 32, 120); // the second chunk, of which none is marked, is only its hash
        settle(oneOf(40, 0), amountsOf(40));
        refusesChunks(batch, 120, 0);
        settle(allOf(40), "");
        assertMarks(batch, 0, 0, 0);
    }

    function test_refusesOtherAmountsAndOtherHashes() public {
        bytes memory others = amountsOf(40);
        others[0] ^= 0x01;
        refusesAmounts(batch, rootOf(amountsOf(40)), rootOf(others));
        settle(allOf(40), others);

        bytes memory chunks = abi.encodePacked(part(amountsOf(40), 0, 96), keccak256("other"));
        bytes32 root = keccak256(abi.encodePacked(keccak256(part(amountsOf(40), 0, 96)), keccak256("other")));
        refusesAmounts(batch, rootOf(amountsOf(40)), root);
        settle(oneOf(40, 31), chunks);
    }

    // --- settled ---

    function test_tellsWhatEachLegGetsOfAllTogether() public {
        uint64[] memory totalsFen = splitOf(standardAmounts(40), allOf(40), usualLegs());
        vm.expectEmit(address(escrow));
        emit IBatches.BatchSettled(batch, CARRIER, "checkpoint", allOf(40), totalsFen);
        settle(allOf(40), amountsOf(40));

        assertUsual(totalsFen);
        assertMarks(batch, 0, (1 << 40) - 1, 0);
        vm.assertEq(credit.heldFen(address(escrow)), batchTerms(40, rule).totalFen);
    }

    function test_partlyDeliveredTheRestComesLater() public {
        uint256[] memory some = someOf(1, 40);
        settledOf(batch, some, 40, usualLegs());
        assertUsual(splitOf(standardAmounts(40), some, usualLegs()));
        assertMarks(batch, 0, some[0], 0);

        uint256[] memory rest = allOf(40);
        rest[0] &= ~some[0];
        uint64[] memory totalsFen = splitOf(standardAmounts(40), rest, usualLegs());
        vm.expectEmit(address(escrow));
        emit IBatches.BatchSettled(batch, CARRIER, "checkpoint", rest, totalsFen);
        settledOf(batch, allOf(40), 40, usualLegs()); // those settled before are passed over
        assertUsual(splitOf(standardAmounts(40), allOf(40), usualLegs()));
    }

    function test_aRepeatChangesNothing() public {
        settledOf(batch, allOf(40), 40, usualLegs());
        uint64 before = credit.availableFen(MERCHANT);
        vm.recordLogs();
        settledOf(batch, allOf(40), 40, usualLegs());
        settledOf(batch, oneOf(40, 39), 40, usualLegs());
        assertNoLogs();
        vm.assertEq(credit.availableFen(MERCHANT), before);
    }

    function test_passesOverOrdersThatWereRefundedOrTakenOut() public {
        refundedOf(batch, oneOf(40, 1), 40, usualLegs());
        takenOut(batch, oneOf(40, 2), 40);
        settledOf(batch, allOf(40), 40, usualLegs());

        uint256[] memory settled = allOf(40);
        settled[0] &= ~uint256(6);
        assertUsual(splitOf(standardAmounts(40), settled, usualLegs()));
        assertMarks(batch, 0, settled[0], 6);
    }

    function test_aStartedRuleWithFloorsServesSmallOrdersByItself() public {
        Leg[] memory legs = legsOf(
            flooredLeg(CREATOR, 2000, 900, 30),
            fixedLeg(PLATFORM, 10),
            shareLeg(CARRIER, 5000, 60),
            residualLeg(MERCHANT)
        );
        uint64[] memory amountsFen = standardAmounts(300);
        amountsFen[0] = 40; // of which nothing is left for the share and the residual
        amountsFen[31] = 41;
        amountsFen[299] = 79; // below what is ample: (30 + 10) / (1 - 0.2 - 0.5) = 133.4
        amountsFen[298] = 133;
        amountsFen[297] = 134;
        bytes32 id = aPaidBatchOf(amountsFen, 3, aRuleInForce(legs));
        by(CARRIER);
        escrow.settleBatch(id, allOf(300), packedAmounts(amountsFen, 3), "checkpoint", packed(legs));

        uint64[] memory fen = splitOf(amountsFen, allOf(300), legs);
        assertBalance(CREATOR, fen[0], 0);
        assertBalance(PLATFORM, fen[1], 0);
        assertBalance(CARRIER, fen[2], 0);
        assertBalance(MERCHANT, fen[3], 0);
    }

    function test_ofAnyCountAndWidthAsTheSameOrdersOneByOne() public {
        uint16[7] memory counts = [uint16(1), 31, 32, 33, 256, 257, 1000];
        uint64[] memory expected = new uint64[](4);
        for (uint256 i = 0; i < counts.length; ++i) {
            uint8 width = uint8(1 + i);
            uint64[] memory amountsFen = someAmounts(i, counts[i], width);
            uint256[] memory marked = i % 2 == 0 ? allOf(counts[i]) : someOf(i, counts[i]);
            addTo(expected, splitOf(amountsFen, marked, usualLegs()));
            bytes32 id = aPaidBatchOf(amountsFen, width, rule);
            bytes memory chunks = chunksFor(marked, packedAmounts(amountsFen, width), width);
            by(CARRIER);
            escrow.settleBatch(id, marked, chunks, "checkpoint", packed(usualLegs()));
            assertUsual(expected);
        }
    }

    /// @notice The same orders, one by one, as a batch and out of a batch: the same for every payee.
    function testFuzz_asTheSameOrdersSettledOneByOne(uint256 seed, uint16 count, uint8 width) public {
        (count, width) = (1 + count % 90, 1 + width % 7);
        uint64[] memory amountsFen = someAmounts(seed, count, width);
        uint256[] memory marked = someOf(seed, count);
        bytes32 id = aPaidBatchOf(amountsFen, width, rule);
        bytes memory amounts = packedAmounts(amountsFen, width);

        bytes memory chunks = chunksFor(marked, amounts, width);
        by(CARRIER);
        escrow.settleBatch(id, marked, chunks, "checkpoint", packed(usualLegs()));
        assertUsual(splitOf(amountsFen, marked, usualLegs()));

        // The rest lives on alone.
        by(MERCHANT);
        escrow.takeOut(id, allOf(count), amounts);
        for (uint256 i = 0; i < count; ++i) {
            if (isMarked(marked, i)) continue;
            by(CARRIER);
            escrow.deliverAndSettle(only(orderAt(id, i)), "checkpoint", packed(usualLegs()));
        }
        assertUsual(splitOf(amountsFen, allOf(count), usualLegs()));
        vm.assertEq(escrowedBeyondEarned(), batchTerms(40, rule).totalFen, "nothing of it is left in escrow");
    }

    function escrowedBeyondEarned() internal view returns (uint64 fen) {
        fen = credit.heldFen(address(escrow));
        for (uint32 member = 1; member <= OTHER_CARRIER; ++member) {
            fen -= escrow.earnedFen(member);
        }
    }

    function addTo(uint64[] memory sums, uint64[] memory more) internal pure {
        for (uint256 i = 0; i < sums.length; ++i) {
            sums[i] += more[i];
        }
    }
}
