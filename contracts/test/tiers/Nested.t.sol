// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {IRules, Leg} from "../../src/interfaces/IRules.sol";
import {ITiers} from "../../src/interfaces/ITiers.sol";
import {TiersWorld} from "./TiersWorld.sol";

contract NestedTest is TiersWorld {
    /// @dev The creator's 20 %, divided by its own rule; the carrier 5 %; the merchant the rest.
    function parentLegs(uint32 agency) internal pure returns (Leg[] memory) {
        return
            legsOf(
                shareLeg(CREATOR, 2000, 0), nested(CREATOR, agency), shareLeg(CARRIER, 500, 0), residualLeg(MERCHANT)
            );
    }

    /// @dev What these come to: the marked legs are the nested rule's.
    function resolvedLegs(Leg[] memory inner) internal pure returns (bytes memory) {
        Leg[] memory plain = new Leg[](3 + inner.length);
        plain[0] = shareLeg(CREATOR, 2000, 0);
        for (uint256 i = 0; i < inner.length; ++i) {
            plain[1 + i] = inner[i];
        }
        plain[1 + inner.length] = shareLeg(CARRIER, 500, 0);
        plain[2 + inner.length] = residualLeg(MERCHANT);
        return packedNested(plain, uint16(((1 << inner.length) - 1) << 1));
    }

    function aParentInForce() internal returns (uint32 rule, uint32 agency) {
        agency = ruleOf(CREATOR, agencyLegs());
        rule = ruleOf(MERCHANT, parentLegs(agency));
    }

    function test_theAgencysRuleDividesItsShare() public {
        (uint32 rule,) = aParentInForce();
        bytes32 order = aDeliveredOrder("1", 1001, rule);
        escrow.settle(only(order), resolvedLegs(agencyLegs()));

        vm.assertEq(escrow.earnedFen(FARM), 60); // 30 % of 200
        vm.assertEq(escrow.earnedFen(PLATFORM), 7);
        vm.assertEq(escrow.earnedFen(CREATOR), 133);
        vm.assertEq(escrow.earnedFen(CARRIER), 50);
        vm.assertEq(escrow.earnedFen(MERCHANT), 751);
    }

    function test_aNestedLegTakesAtMostWhatIsLeftOfThePart() public {
        (uint32 rule,) = aParentInForce();
        escrow.settle(only(aDeliveredOrder("1", 30, rule)), resolvedLegs(agencyLegs()));
        vm.assertEq(escrow.earnedFen(FARM), 1); // of 6
        vm.assertEq(escrow.earnedFen(PLATFORM), 5);
        vm.assertEq(escrow.earnedFen(CREATOR), 0);
        vm.assertEq(escrow.earnedFen(CARRIER), 1);
        vm.assertEq(escrow.earnedFen(MERCHANT), 23);
    }

    function test_tellsTheNestedVersionAndTheLegs() public {
        (uint32 rule,) = aParentInForce();
        bytes32 order = placed(terms("1", 1000, rule));
        bytes memory legs = resolvedLegs(agencyLegs());
        uint32[] memory versions = new uint32[](1);
        versions[0] = 1;
        vm.expectEmit(address(tiers));
        emit ITiers.VariantOpened(rule, 1, 1, new uint8[](0), versions, legs, keccak256(legs));
        by(BANK);
        escrow.pay(payment(order, 1000));
    }

    function test_anOrderKeepsTheNestedVersionThatItWasPaidUnder() public {
        (uint32 rule, uint32 agency) = aParentInForce();
        bytes32 before = aDeliveredOrder("before", 1000, rule);
        Leg[] memory later = legsOf(shareLeg(FARM, 5000, 0), residualLeg(CREATOR));
        laterVersion(CREATOR, agency, later, agencyLegs());
        bytes32 afterwards = aDeliveredOrder("afterwards", 1000, rule);

        escrow.settle(only(before), resolvedLegs(agencyLegs()));
        vm.assertEq(escrow.earnedFen(FARM), 60);
        escrow.settle(only(afterwards), resolvedLegs(later));
        vm.assertEq(escrow.earnedFen(FARM), 160);
    }

    function test_aVersionThatCannotBeNestedLeavesTheFormerInForceThere() public {
        (uint32 rule, uint32 agency) = aParentInForce();
        Leg[] memory wide = new Leg[](6);
        for (uint256 i = 0; i < 5; ++i) {
            wide[i] = fixedLeg(CREATOR, 1000);
        }
        wide[5] = residualLeg(CREATOR);
        uint32 version = laterVersion(CREATOR, agency, wide, agencyLegs());
        (uint32 current,,) = rules.inForce(agency);
        vm.assertEq(current, version);
        vm.assertEq(rules.nestable(agency), 1);

        escrow.settle(only(aDeliveredOrder("1", 1000, rule)), resolvedLegs(agencyLegs()));
        vm.assertEq(escrow.earnedFen(FARM), 60);
    }

    function test_dividesTheResidualToo() public {
        uint32 own = ruleOf(MERCHANT, legsOf(shareLeg(FARM, 2500, 0), residualLeg(MERCHANT)));
        uint32 rule = ruleOf(MERCHANT, legsOf(residualLeg(MERCHANT), nested(MERCHANT, own), shareLeg(CREATOR, 1000, 0)));
        bytes memory legs = packedNested(
            legsOf(residualLeg(MERCHANT), shareLeg(FARM, 2500, 0), residualLeg(MERCHANT), shareLeg(CREATOR, 1000, 0)), 6
        );
        escrow.settle(only(aDeliveredOrder("1", 1000, rule)), legs);
        vm.assertEq(escrow.earnedFen(CREATOR), 100);
        vm.assertEq(escrow.earnedFen(FARM), 225);
        vm.assertEq(escrow.earnedFen(MERCHANT), 675);
    }

    function test_aTieredShareCanBeDividedAndTwoLegsOfOneRule() public {
        uint32 agency = ruleOf(CREATOR, agencyLegs());
        Leg[] memory legs = new Leg[](6);
        legs[0] = shareLeg(CREATOR, 1000, 0);
        legs[1] = step(CREATOR, 1000, 3000, 0);
        legs[2] = nested(CREATOR, agency);
        legs[3] = fixedLeg(CREATOR, 100);
        legs[4] = nested(CREATOR, agency);
        legs[5] = residualLeg(MERCHANT);
        uint32 rule = ruleOf(MERCHANT, legs);
        aPaidOrder("1", 1000, rule);
        vm.warp(NOW + 31 days);
        bytes32 order = aDeliveredOrder("2", 1000, rule);

        Leg[] memory plain = new Leg[](9);
        (plain[0], plain[4], plain[8]) = (shareLeg(CREATOR, 3000, 0), fixedLeg(CREATOR, 100), residualLeg(MERCHANT));
        for (uint256 i = 0; i < 3; ++i) {
            (plain[1 + i], plain[5 + i]) = (agencyLegs()[i], agencyLegs()[i]);
        }
        escrow.settle(only(order), packedNested(plain, 238)); // 011101110, from leg 8 down
        vm.assertEq(escrow.earnedFen(FARM), 120); // 30 % of 300 and of 100
        vm.assertEq(escrow.earnedFen(PLATFORM), 14);
        vm.assertEq(escrow.earnedFen(MERCHANT), 600);
    }

    function test_aRefundLeavesEachLegWithWhatTheRuleGivesForTheRest() public {
        (uint32 rule,) = aParentInForce();
        bytes memory legs = resolvedLegs(agencyLegs());
        bytes32 order = aDeliveredOrder("1", 1001, rule);
        escrow.settle(only(order), legs);
        refunded(order, 1, 971, legs);
        vm.assertEq(escrow.earnedFen(FARM), 1);
        vm.assertEq(escrow.earnedFen(PLATFORM), 5);
        vm.assertEq(escrow.earnedFen(MERCHANT), 23);
        refunded(order, 2, 30, legs);
        vm.assertEq(escrow.earnedFen(FARM) + escrow.earnedFen(PLATFORM) + escrow.earnedFen(CREATOR), 0);
        vm.assertEq(escrow.earnedFen(CARRIER) + escrow.earnedFen(MERCHANT), 0);
    }

    function test_aBatchPaysWhatTheSameOrdersAloneWould() public {
        (uint32 rule,) = aParentInForce();
        bytes32 batch = aPaidBatch(70, rule);
        bytes memory legs = resolvedLegs(agencyLegs());
        uint256[3] memory expected;
        for (uint256 i = 0; i < 70; ++i) {
            uint64[] memory parts = tiers.allocate(amountAt(i), parentLegs(1), volumes(), nestedLegs(agencyLegs()));
            (expected[0], expected[1], expected[2]) =
            (expected[0] + parts[1], expected[1] + parts[2], expected[2] + parts[3]);
        }
        by(CARRIER);
        escrow.settleBatch(batch, allOf(70), amountsOf(70), "checkpoint", legs);
        vm.assertEq(escrow.earnedFen(FARM), expected[0]);
        vm.assertEq(escrow.earnedFen(PLATFORM), expected[1]);
        vm.assertEq(escrow.earnedFen(CREATOR), expected[2]);

        by(MERCHANT);
        escrow.refundBatch(batch, allOf(70), amountsOf(70), legs, "all wilted");
        vm.assertEq(escrow.earnedFen(FARM) + escrow.earnedFen(PLATFORM) + escrow.earnedFen(MERCHANT), 0);
    }

    function test_aVersionHas255Variants() public {
        Leg[] memory legs = agencyLegs();
        uint32 agency = ruleOf(CREATOR, legs);
        uint32 rule = ruleOf(MERCHANT, parentLegs(agency));
        for (uint64 i = 1; i <= 255; ++i) {
            aPaidOrder(string(abi.encode(i)), 1000, rule);
            Leg[] memory later = agencyLegs();
            later[1].value = 7 + i;
            laterVersion(CREATOR, agency, later, legs);
            legs = later;
        }
        bytes32 order = placed(terms("one more", 1000, rule));
        refuses(abi.encodeWithSelector(ITiers.NoMoreVariants.selector, rule, 1));
        by(BANK);
        escrow.pay(payment(order, 1000));

        laterVersion(MERCHANT, rule, parentLegs(agency), parentLegs(agency)); // the same legs: the merchant's own signature
        by(BANK);
        escrow.pay(payment(order, 1000));
    }
}
