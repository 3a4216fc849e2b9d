// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {IRules, Leg, LegKind} from "../../src/interfaces/IRules.sol";
import {TiersWorld} from "./TiersWorld.sol";

contract ProposeLinesTest is TiersWorld {
    function refusesLine(uint256 at, Leg[] memory legs) internal {
        refusesLegs(abi.encodeWithSelector(IRules.BadLeg.selector, at), legs);
    }

    function refusesLegs(bytes memory error, Leg[] memory legs) internal {
        refuses(error);
        by(MERCHANT);
        rules.propose(0, legs, none());
    }

    function test_refusesAStepThatFollowsNoShareOfItsPayee() public {
        refusesLine(0, legsOf(step(CREATOR, 1, 100, 0), residualLeg(MERCHANT)));
        refusesLine(1, legsOf(fixedLeg(CREATOR, 1), step(CREATOR, 1, 100, 0), residualLeg(MERCHANT)));
        refusesLine(1, legsOf(shareLeg(CREATOR, 1, 0), step(PLATFORM, 1, 100, 0), residualLeg(MERCHANT)));
        refusesLine(1, legsOf(residualLeg(MERCHANT), step(MERCHANT, 1, 100, 0)));
    }

    function test_refusesStepsWhoseNumbersMeanNothing() public {
        Leg[6] memory bad = [
            step(CREATOR, 0, 100, 0), // no volume
            step(CREATOR, 1, 0, 0), // no share
            step(CREATOR, 1, 100, 9), // a cap below the share's floor
            step(CREATOR, type(uint64).max, 100, 0), // a volume that no sum reaches
            step(0, 1, 100, 0),
            Leg({payee: CREATOR, kind: LegKind.Nested, value: 0, cap: 0, floor: 0})
        ];
        for (uint256 i = 0; i < bad.length; ++i) {
            refusesLine(1, legsOf(flooredLeg(CREATOR, 100, 0, 10), bad[i], residualLeg(MERCHANT)));
        }
    }

    function test_refusesStepsThatDoNotAscend() public {
        refusesLine(
            2,
            legsOf(shareLeg(CREATOR, 1, 0), step(CREATOR, 5, 100, 0), step(CREATOR, 5, 200, 0), residualLeg(MERCHANT))
        );
    }

    function test_refusesAFourthStepAndAFifthShareWithSteps() public {
        Leg[] memory steps = new Leg[](6);
        for (uint64 i = 0; i < 5; ++i) {
            steps[i] = i == 0 ? shareLeg(CREATOR, 1, 0) : step(CREATOR, i, 100, 0);
        }
        steps[5] = residualLeg(MERCHANT);
        refusesLine(4, steps);

        Leg[] memory shares = new Leg[](11);
        for (uint64 i = 0; i < 10; ++i) {
            shares[i] = i % 2 == 0 ? shareLeg(CREATOR, 1, 0) : step(CREATOR, 1, 100, 0);
        }
        shares[10] = residualLeg(MERCHANT);
        refusesLine(9, shares);
    }

    function test_countsTheGreatestTierOfAShare() public {
        Leg[] memory legs = legsOf(
            shareLeg(CREATOR, 2000, 0),
            step(CREATOR, 1, 6000, 0),
            step(CREATOR, 2, 5000, 0),
            shareLeg(CARRIER, 4001, 0),
            residualLeg(MERCHANT)
        );
        refusesLegs(abi.encodeWithSelector(IRules.SharesExceedWhole.selector, 10_001), legs);
        legs[3].value = 4000;
        proposed(0, legs, none());
    }

    function test_refusesACapOfAStepAboveTheLargestOrder() public {
        refusesLegs(
            abi.encodeWithSelector(IRules.AmountTooLarge.selector, MOST + 1),
            legsOf(shareLeg(CREATOR, 1, 0), step(CREATOR, 1, 100, MOST + 1), residualLeg(MERCHANT))
        );
    }

    function test_refusesMoreThanThirtyTwoLines() public {
        Leg[] memory lines = new Leg[](33);
        for (uint256 i = 0; i < 33; ++i) {
            lines[i] = residualLeg(MERCHANT);
        }
        refusesLegs(abi.encodeWithSelector(IRules.LegCount.selector, 33, 16), lines);
    }

    function test_refusesANestedRuleThatFollowsNoLegOfItsPayee() public {
        uint32 agency = ruleOf(CREATOR, agencyLegs());
        refusesLine(0, legsOf(nested(CREATOR, agency), residualLeg(MERCHANT)));
        refusesLine(1, legsOf(shareLeg(PLATFORM, 1, 0), nested(CREATOR, agency), residualLeg(MERCHANT)));
        refusesLine(
            2, legsOf(shareLeg(CREATOR, 1, 0), nested(CREATOR, agency), nested(CREATOR, agency), residualLeg(MERCHANT))
        );
        Leg[2] memory bad = [nested(CREATOR, agency), nested(CREATOR, agency)];
        (bad[0].cap, bad[1].floor) = (1, 1);
        for (uint256 i = 0; i < 2; ++i) {
            refusesLine(1, legsOf(shareLeg(CREATOR, 1, 0), bad[i], residualLeg(MERCHANT)));
        }
    }

    function test_refusesAStepAfterANestedRule() public {
        uint32 agency = ruleOf(CREATOR, agencyLegs());
        refusesLine(
            2, legsOf(shareLeg(CREATOR, 1, 0), nested(CREATOR, agency), step(CREATOR, 1, 100, 0), residualLeg(MERCHANT))
        );
    }

    function test_refusesANestedRuleThatIsNotThePayeesOrCannotBeNested() public {
        uint32 agency = ruleOf(CREATOR, agencyLegs());
        by(CREATOR);
        (uint32 unsigned,) = rules.propose(0, agencyLegs(), none());
        uint32 tiered = ruleOf(CREATOR, legsOf(shareLeg(FARM, 1, 0), step(FARM, 1, 100, 0), residualLeg(CREATOR)));
        uint32 nesting = ruleOf(CREATOR, legsOf(shareLeg(FARM, 1, 0), residualLeg(CREATOR), nested(CREATOR, agency)));
        uint64[5] memory bad = [uint64(99), unsigned, tiered, nesting, uint64(agency) + (1 << 32)];
        for (uint256 i = 0; i < bad.length; ++i) {
            Leg[] memory legs = legsOf(shareLeg(CREATOR, 1, 0), nested(CREATOR, 0), residualLeg(MERCHANT));
            legs[1].value = bad[i];
            refusesLegs(abi.encodeWithSelector(IRules.BadNestedRule.selector, 1, bad[i]), legs);
        }
        refusesLegs(
            abi.encodeWithSelector(IRules.BadNestedRule.selector, 1, agency),
            legsOf(shareLeg(PLATFORM, 1, 0), nested(PLATFORM, agency), residualLeg(MERCHANT))
        );
    }

    function test_aNestedRuleCountsAsFiveLegs() public {
        uint32 agency = ruleOf(CREATOR, agencyLegs());
        Leg[] memory legs = new Leg[](13);
        for (uint256 i = 0; i < 13; ++i) {
            legs[i] = fixedLeg(PLATFORM, 1);
        }
        (legs[0], legs[1], legs[12]) = (shareLeg(CREATOR, 1, 0), nested(CREATOR, agency), residualLeg(MERCHANT));
        refusesLegs(abi.encodeWithSelector(IRules.LegCount.selector, 17, 16), legs);

        Leg[] memory fewer = new Leg[](12);
        for (uint256 i = 0; i < 12; ++i) {
            fewer[i] = legs[i == 11 ? 12 : i];
        }
        proposed(0, fewer, none());
    }

    function test_aChangedStepAndAnotherNestedRuleNeedTheirPayeesSignature() public {
        uint32 agency = ruleOf(CREATOR, agencyLegs());
        uint32 another = ruleOf(CREATOR, agencyLegs());
        Leg[] memory first = legsOf(
            shareLeg(CREATOR, 1000, 0),
            step(CREATOR, 100, 1500, 0),
            nested(CREATOR, agency),
            fixedLeg(CARRIER, 1),
            residualLeg(MERCHANT)
        );
        uint32 rule = ruleOf(MERCHANT, first);
        uint32[] memory required = new uint32[](2);
        (required[0], required[1]) = (MERCHANT, CREATOR);

        Leg[] memory later = abi.decode(abi.encode(first), (Leg[]));
        later[1].floor = 101;
        vm.expectEmit(address(rules));
        emit IRules.RuleProposed(rule, 2, MERCHANT, 1, later, keccak256(packed(later)), required);
        by(MERCHANT);
        rules.propose(rule, later, first);

        later = abi.decode(abi.encode(first), (Leg[]));
        later[2].value = another;
        vm.expectEmit(address(rules));
        emit IRules.RuleProposed(rule, 3, MERCHANT, 1, later, keccak256(packed(later)), required);
        by(MERCHANT);
        rules.propose(rule, later, first);
    }

    function test_theSmallestOrderCountsTheRulesOwnNumbersOnly() public {
        uint32 agency = ruleOf(CREATOR, agencyLegs());
        uint32 rule =
            ruleOf(MERCHANT, legsOf(flooredLeg(CREATOR, 100, 0, 30), nested(CREATOR, agency), residualLeg(MERCHANT)));
        vm.assertEq(rules.minimumFen(rule, 1), 30);
    }

    function test_keepsTheLegsOfThoseThatPaymentsNeedWhole() public {
        Leg[] memory six = new Leg[](6);
        for (uint256 i = 0; i < 6; ++i) {
            six[i] = i == 5 ? residualLeg(MERCHANT) : fixedLeg(PLATFORM, 1);
        }
        uint32 wide = ruleOf(MERCHANT, six);
        uint32 tiered = ruleOf(MERCHANT, tieredLegs());
        uint32 plain = ruleOf(MERCHANT, usualLegs());
        vm.assertEq(rules.keptLegs(wide, 1).length, 0);
        vm.assertEq(keccak256(rules.keptLegs(tiered, 1)), keccak256(packed(tieredLegs())));
        vm.assertEq(keccak256(rules.keptLegs(plain, 1)), keccak256(packed(usualLegs())));
        vm.assertEq(rules.nestable(wide), 0);
        vm.assertEq(rules.nestable(tiered), 0);
        vm.assertEq(rules.nestable(plain), 1);
    }
}
