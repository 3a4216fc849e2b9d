// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {IBatches} from "../../src/interfaces/IBatches.sol";
import {ICredit} from "../../src/interfaces/ICredit.sol";
import {Role} from "../../src/interfaces/IMembers.sol";
import {Leg} from "../../src/interfaces/IRules.sol";
import {BatchWorld} from "../support/BatchWorld.sol";

contract PayBatchTest is BatchWorld {
    bytes32 internal batch;

    function setUp() public override {
        super.setUp();
        by(MERCHANT);
        batch = escrow.placeBatch(batchTerms(40, rule));
    }

    function pay(bytes32 which, bytes memory amounts) internal {
        by(BANK);
        escrow.payBatch(which, amounts, "CMB-9");
    }

    function test_refusesAnyoneButTheBank() public {
        refusesNotMember(stranger);
        vm.prank(stranger);
        escrow.payBatch(batch, amountsOf(40), "");

        refusesRole(MERCHANT, Role.BANK);
        by(MERCHANT);
        escrow.payBatch(batch, amountsOf(40), "");

        suspended(BANK);
        refusesInactive(BANK);
        pay(batch, amountsOf(40));
    }

    function test_refusesAnUnknownBatch() public {
        refuses(abi.encodeWithSelector(IBatches.UnknownBatch.selector, bytes32("other")));
        pay("other", amountsOf(40));
    }

    function test_refusesBytesThatAreMissingOrLeftOver() public {
        refusesChunks(batch, 120, 117);
        pay(batch, amountsOf(39));
        refusesChunks(batch, 120, 121);
        pay(batch, abi.encodePacked(amountsOf(40), uint8(0)));
    }

    function test_refusesOtherAmounts() public {
        bytes memory others = amountsOf(40);
        others[119] ^= 0x01;
        refusesAmounts(batch, rootOf(amountsOf(40)), rootOf(others));
        pay(batch, others);
    }

    function test_refusesATotalThatIsNotTheSum() public {
        IBatches.BatchTerms memory terms = batchTerms(40, rule);
        terms.totalFen += 1;
        by(MERCHANT);
        bytes32 wrong = escrow.placeBatch(terms);
        refuses(
            abi.encodeWithSelector(IBatches.TotalMismatch.selector, wrong, terms.totalFen, uint256(terms.totalFen - 1))
        );
        pay(wrong, amountsOf(40));
    }

    function test_refusesAnAmountBelowWhatTheVersionInForceServesAndAboveTheLargestOrder() public {
        uint64[] memory amountsFen = someAmounts(1, 33, 7);
        amountsFen[32] = 49;
        refusesAmountAt(amountsFen, 32);
        amountsFen[32] = 9e14 + 1;
        refusesAmountAt(amountsFen, 32);
        amountsFen[32] = 9e14;
        amountsFen[0] = 0;
        refusesAmountAt(amountsFen, 0);

        amountsFen[0] = 50;
        aPaidBatchOf(amountsFen, 7, rule);
    }

    function refusesAmountAt(uint64[] memory amountsFen, uint32 position) internal {
        by(MERCHANT);
        bytes32 wrong = escrow.placeBatch(termsOf(amountsFen, 7, rule));
        refuses(
            abi.encodeWithSelector(IBatches.BadAmountInBatch.selector, wrong, position, uint256(amountsFen[position]))
        );
        pay(wrong, packedAmounts(amountsFen, 7));
    }

    function test_refusesAnOrderOfNothingAlsoUnderARuleThatServesAny() public {
        uint64[] memory amountsFen = someAmounts(1, 2, 1);
        amountsFen[1] = 0;
        uint32 any = aRuleInForce(legsOf(residualLeg(MERCHANT)));
        by(MERCHANT);
        bytes32 wrong = escrow.placeBatch(termsOf(amountsFen, 1, any));
        refuses(abi.encodeWithSelector(IBatches.BadAmountInBatch.selector, wrong, 1, 0));
        pay(wrong, packedAmounts(amountsFen, 1));
    }

    function test_mintsHoldsAndPinsTheVersionOfPaying() public {
        Leg[] memory later = usualLegs();
        later[1].value = 2500;
        proposed(rule, later, usualLegs());
        signed(rule, 2, CREATOR);
        signed(rule, 2, MERCHANT);
        uint64 totalFen = batchTerms(40, rule).totalFen;

        vm.expectEmit(address(escrow));
        emit IBatches.BatchPaid(batch, rule, 2, keccak256(packed(later)), "CMB-9", amountsOf(40));
        vm.expectEmit(address(credit));
        emit ICredit.CreditMinted(batch, totalFen, "CMB-9");
        pay(batch, amountsOf(40));

        vm.assertEq(escrow.versionOf(batch), 2);
        vm.assertEq(credit.supplyFen(), totalFen);
        vm.assertEq(credit.heldFen(address(escrow)), totalFen);
    }

    function test_aRepeatMintsNothing() public {
        pay(batch, amountsOf(40));
        vm.recordLogs();
        pay(batch, amountsOf(40));
        assertNoLogs();
    }

    function test_ofAnyCountAndWidth() public {
        uint16[7] memory counts = [uint16(1), 31, 32, 33, 256, 257, 1000];
        for (uint8 width = 1; width <= 7; ++width) {
            for (uint256 i = 0; i < counts.length; ++i) {
                uint256 before = credit.supplyFen();
                uint64[] memory amountsFen = someAmounts(width, counts[i], width);
                aPaidBatchOf(amountsFen, width, rule);
                vm.assertEq(credit.supplyFen(), before + sumOf(amountsFen));
            }
        }
    }
}
