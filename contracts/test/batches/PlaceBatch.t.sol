// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {IBatches} from "../../src/interfaces/IBatches.sol";
import {IEscrow} from "../../src/interfaces/IEscrow.sol";
import {Role} from "../../src/interfaces/IMembers.sol";
import {BatchWorld} from "../support/BatchWorld.sol";

contract PlaceBatchTest is BatchWorld {
    function place(IBatches.BatchTerms memory terms) internal returns (bytes32) {
        by(MERCHANT);
        return escrow.placeBatch(terms);
    }

    function refusesTerms(IBatches.BatchTerms memory terms) internal {
        refuses(abi.encodeWithSelector(IBatches.BadBatch.selector, terms.count, terms.width, terms.totalFen));
        place(terms);
    }

    function test_refusesAnyoneButAMerchant() public {
        refusesNotMember(stranger);
        vm.prank(stranger);
        escrow.placeBatch(batchTerms(2, rule));

        refusesRole(BANK, Role.MERCHANT);
        by(BANK);
        escrow.placeBatch(batchTerms(2, rule));

        suspended(MERCHANT);
        refusesInactive(MERCHANT);
        place(batchTerms(2, rule));
    }

    function test_refusesNoneTooManyAndAmountsOfNoWidth() public {
        IBatches.BatchTerms memory terms = batchTerms(2, rule);
        terms.count = 0;
        refusesTerms(terms);
        terms.count = 4097;
        refusesTerms(terms);

        terms = batchTerms(2, rule);
        terms.width = 0;
        refusesTerms(terms);
        terms.width = 8;
        refusesTerms(terms);

        terms = batchTerms(2, rule);
        terms.totalFen = 0;
        refusesTerms(terms);
    }

    function test_refusesARuleThatIsNotInForceOrAnothers() public {
        refuses(abi.encodeWithSelector(IEscrow.RuleNotInForce.selector, rule + 1));
        place(batchTerms(2, rule + 1));

        refuses(abi.encodeWithSelector(IEscrow.RuleOfAnotherMerchant.selector, rule, OTHER_MERCHANT));
        by(OTHER_MERCHANT);
        escrow.placeBatch(batchTerms(2, rule));
    }

    function test_refusesACarrierThatIsNone() public {
        IBatches.BatchTerms memory terms = batchTerms(2, rule);
        terms.carrier = NOBODY;
        refusesUnknown(NOBODY);
        place(terms);

        terms.carrier = CREATOR;
        refusesRole(CREATOR, Role.CARRIER);
        place(terms);

        terms.carrier = OTHER_CARRIER;
        suspended(OTHER_CARRIER);
        refusesInactive(OTHER_CARRIER);
        place(terms);
    }

    function test_tellsAllAndItsIdEndsInZeros() public {
        IBatches.BatchTerms memory terms = batchTerms(33, rule);
        bytes32 expected = escrow.batchId(MERCHANT, terms);
        vm.assertEq(uint32(uint256(expected)), 0);
        vm.assertTrue(expected != escrow.batchId(OTHER_MERCHANT, terms));

        vm.expectEmit(address(escrow));
        emit IBatches.BatchPlaced(
            expected, MERCHANT, terms.manifest, terms.amountsRoot, terms.totalFen, rule, CARRIER, 33, 3
        );
        vm.assertEq(place(terms), expected);
        vm.assertEq(escrow.versionOf(expected), 0);
        vm.assertEq(credit.supplyFen(), 0);
    }

    function test_aRepeatSaysNothing() public {
        bytes32 batch = place(batchTerms(2, rule));
        vm.recordLogs();
        vm.assertEq(place(batchTerms(2, rule)), batch);
        assertNoLogs();
    }
}
