// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {Role} from "../../src/interfaces/IMembers.sol";
import {IRules, Leg} from "../../src/interfaces/IRules.sol";
import {World} from "../support/World.sol";

contract ProposeTest is World {
    function test_refusesAStranger() public {
        refusesNotMember(stranger);
        vm.prank(stranger);
        rules.propose(0, usualLegs(), none());
    }

    function test_refusesASuspendedMerchant() public {
        suspended(MERCHANT);
        refusesInactive(MERCHANT);
        by(MERCHANT);
        rules.propose(0, usualLegs(), none());
    }

    function test_refusesAKeyWithoutARoleInTrade() public {
        operator(MERCHANT, Role.TREASURY);
        refusesRole(MERCHANT, Role.ANY);
        byOperator();
        rules.propose(0, usualLegs(), none());
    }

    function test_anyMemberInTradeHasRulesOfItsOwn() public {
        by(CREATOR);
        (uint32 rule,) = rules.propose(0, usualLegs(), none());
        (,, uint32 owner) = rules.inForce(rule);
        vm.assertEq(owner, CREATOR);
    }

    function test_refusesARuleThatDoesNotExist() public {
        refuses(abi.encodeWithSelector(IRules.UnknownRule.selector, 1));
        by(MERCHANT);
        rules.propose(1, usualLegs(), none());
    }

    function test_refusesAnotherMerchantsRule() public {
        uint32 rule = aRuleInForce(usualLegs());
        refuses(abi.encodeWithSelector(IRules.NotTheRulesMerchant.selector, rule, OTHER_MERCHANT));
        by(OTHER_MERCHANT);
        rules.propose(rule, usualLegs(), usualLegs());
    }

    function test_refusesLegsThatMakeNoRule() public {
        refuses(abi.encodeWithSelector(IRules.LegCount.selector, 0, 16));
        by(MERCHANT);
        rules.propose(0, none(), none());

        refuses(abi.encodeWithSelector(IRules.ResidualCount.selector, 0));
        by(MERCHANT);
        rules.propose(0, legsOf(fixedLeg(PLATFORM, 50)), none());
    }

    function test_refusesAPayeeThatIsUnknownOrSuspended() public {
        refusesUnknown(NOBODY);
        by(MERCHANT);
        rules.propose(0, legsOf(fixedLeg(NOBODY, 50), residualLeg(MERCHANT)), none());

        suspended(PLATFORM);
        refusesInactive(PLATFORM);
        by(MERCHANT);
        rules.propose(0, usualLegs(), none());
    }

    function test_refusesBaseLegsThatAreNotInForce() public {
        Leg[] memory others = legsOf(residualLeg(MERCHANT));
        bytes32 hashOfOthers = keccak256(packed(others));
        bytes32 hashInForce = keccak256(packed(usualLegs()));

        refuses(abi.encodeWithSelector(IRules.LegsMismatch.selector, bytes32(0), hashOfOthers));
        by(MERCHANT);
        rules.propose(0, usualLegs(), others);

        uint32 rule = aRuleInForce(usualLegs());
        refuses(abi.encodeWithSelector(IRules.LegsMismatch.selector, hashInForce, hashOfOthers));
        by(MERCHANT);
        rules.propose(rule, others, others);

        refuses(abi.encodeWithSelector(IRules.LegsMismatch.selector, hashInForce, bytes32(0)));
        by(MERCHANT);
        rules.propose(rule, others, none());
    }

    function test_opensANewRuleAndTellsAll() public {
        Leg[] memory legs = usualLegs();
        uint32[] memory required = new uint32[](4);
        (required[0], required[1], required[2], required[3]) = (CARRIER, MERCHANT, CREATOR, PLATFORM);

        vm.expectEmit(address(rules));
        emit IRules.RuleProposed(1, 1, MERCHANT, 0, legs, keccak256(packed(legs)), required);
        by(MERCHANT);
        (uint32 rule, uint32 version) = rules.propose(0, legs, none());

        vm.assertEq(rule, 1);
        vm.assertEq(version, 1);
        vm.assertEq(rules.legsHashOf(1, 1), keccak256(packed(legs)));
        vm.assertEq(rules.minimumFen(1, 1), 50);
    }

    function test_changesNothingBeforeItIsSigned() public {
        (uint32 rule,) = proposed(0, usualLegs(), none());
        (uint32 version, bytes32 legsHash, uint32 merchant) = rules.inForce(rule);
        vm.assertEq(version, 0);
        vm.assertEq(legsHash, bytes32(0));
        vm.assertEq(merchant, MERCHANT);
    }

    function test_countsVersionsWithinARule() public {
        (uint32 first,) = proposed(0, usualLegs(), none());
        (, uint32 second) = proposed(first, legsOf(residualLeg(MERCHANT)), none());
        (uint32 other, uint32 version) = proposed(0, usualLegs(), none());

        vm.assertEq(second, 2);
        vm.assertEq(other, first + 1);
        vm.assertEq(version, 1);
    }

    function test_readsRefuseWhatDoesNotExist() public {
        refuses(abi.encodeWithSelector(IRules.UnknownRule.selector, 1));
        rules.legsHashOf(1, 1);
        refuses(abi.encodeWithSelector(IRules.UnknownRule.selector, 0));
        rules.minimumFen(0, 1);

        (uint32 rule,) = proposed(0, usualLegs(), none());
        refuses(abi.encodeWithSelector(IRules.UnknownVersion.selector, rule, 2));
        rules.digest(rule, 2);
        refuses(abi.encodeWithSelector(IRules.UnknownVersion.selector, rule, 0));
        rules.legsHashOf(rule, 0);
    }

    function test_ofAnUnknownRuleNothingIsInForce() public view {
        (uint32 version, bytes32 legsHash, uint32 merchant) = rules.inForce(7);
        vm.assertEq(uint256(version) + uint256(legsHash) + merchant, 0);
    }

    function test_refusesTenThousandLegs() public {
        Leg[] memory legs = new Leg[](10_000);
        for (uint256 i = 0; i < legs.length; ++i) {
            legs[i] = i == 0 ? residualLeg(MERCHANT) : fixedLeg(PLATFORM, 1);
        }
        refuses(abi.encodeWithSelector(IRules.LegCount.selector, 10_000, 16));
        by(MERCHANT);
        rules.propose(0, legs, none());
    }

    function test_refusesFloorsThatMeanNothing() public {
        refuses(abi.encodeWithSelector(IRules.BadLeg.selector, 0));
        by(MERCHANT);
        rules.propose(0, legsOf(flooredLeg(PLATFORM, 500, 100, 101), residualLeg(MERCHANT)), none());
    }

    function test_theSmallestOrderServesFixedLegsAndFloors() public {
        Leg[] memory legs = legsOf(
            flooredLeg(CREATOR, 500, 0, 30), fixedLeg(PLATFORM, 50), flooredLeg(CARRIER, 1, 9, 9), residualLeg(MERCHANT)
        );
        proposed(0, legs, none());
        vm.assertEq(rules.minimumFen(1, 1), 89);
        vm.assertEq(rules.legsHashOf(1, 1), keccak256(packed(legs)));
    }

    function test_aChangedFloorNeedsItsPayeesSignature() public {
        uint32 rule = aRuleInForce(usualLegs());
        Leg[] memory later = usualLegs();
        later[1].floor = 1;
        uint32[] memory required = new uint32[](2);
        (required[0], required[1]) = (MERCHANT, CREATOR);
        vm.expectEmit(address(rules));
        emit IRules.RuleProposed(rule, 2, MERCHANT, 1, later, keccak256(packed(later)), required);
        by(MERCHANT);
        rules.propose(rule, later, usualLegs());
    }
}
