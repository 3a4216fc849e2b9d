// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {Role} from "../../src/interfaces/IMembers.sol";
import {IRules, Leg} from "../../src/interfaces/IRules.sol";
import {World} from "../support/World.sol";

/// @notice What a thief can do with one key, and what it cannot. By each member's key it acts as that member and as no other.
contract StolenKeysTest is World {
    /// @dev The merchant's: it can refund the merchant's own orders, to those who paid, and propose rules that wait for others.
    function test_aMerchantsKeyPaysNobodyElseAndTakesNoOneElsesMoney() public {
        uint32 rule = aRuleInForce(usualLegs());
        bytes32 order = aSettledOrder("1", 10_000, rule, usualLegs());
        uint64 creators = escrow.earnedFen(CREATOR);

        bytes32 another = placed(terms("2", 10_000, rule));
        refusesRole(MERCHANT, Role.BANK);
        by(MERCHANT);
        escrow.pay(payment(another, 10_000));
        refusesRole(MERCHANT, Role.CARRIER);
        by(MERCHANT);
        escrow.deliver(only(order), "checkpoint");

        // A rule that pays the thief's merchant more is in force only once the others have signed.
        Leg[] memory greedy = legsOf(residualLeg(MERCHANT));
        (, uint32 version) = proposed(rule, greedy, usualLegs());
        signed(rule, version, MERCHANT);
        (uint32 inForce,,) = rules.inForce(rule);
        vm.assertEq(inForce, 1);
        vm.assertEq(escrow.earnedFen(CREATOR), creators);
    }

    /// @dev The carrier's: it can say that the carrier's own orders arrived. Their money goes where the rule says.
    function test_aCarriersKeyDeliversItsOwnOrdersAndMovesNoMoneyElsewhere() public {
        uint32 rule = aRuleInForce(usualLegs());
        bytes32 order = aPaidOrder("1", 10_000, rule);
        Leg[] memory others = legsOf(residualLeg(CARRIER));
        refuses(
            abi.encodeWithSelector(
                IRules.LegsMismatch.selector, keccak256(packed(usualLegs())), keccak256(packed(others))
            )
        );
        by(CARRIER);
        escrow.deliverAndSettle(only(order), "checkpoint", packed(others));
        by(CARRIER);
        escrow.deliverAndSettle(only(order), "checkpoint", packed(usualLegs()));
        vm.assertEq(escrow.earnedFen(CARRIER), 300); // its leg, and no more
    }

    /// @dev The founder's, after it handed over to the Council: nothing but new GLNs and GTINs.
    function test_anAdminsKeyGovernsNothingOnceTheCouncilDoes() public {
        vm.prank(founder);
        members.handOver(address(council));
        refusesAllButGovernor(founder);
        vm.prank(founder);
        members.suspend(CREATOR, "stolen");
        refusesAllButGovernor(founder);
        vm.prank(founder);
        credit.admitEscrow(stranger);
        refusesAllButGovernor(founder);
        vm.prank(founder);
        members.resetAccount(BANK, stranger, "");
    }
}
