// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {IRules, Leg} from "../../src/interfaces/IRules.sol";
import {ITiers} from "../../src/interfaces/ITiers.sol";
import {TiersWorld} from "./TiersWorld.sol";

/// @notice What tiers and nested rules come to, against the plain split of escrow.allocate.
contract AllocateTiersTest is TiersWorld {
    function test_refusesAmountsAndCountsThatDoNotFit() public {
        refuses(abi.encodeWithSelector(IRules.AmountTooLarge.selector, MOST + 1));
        tiers.allocate(MOST + 1, tieredLegs(), volumes(0), noneNested());
        refuses(abi.encodeWithSelector(ITiers.WrongCount.selector, 1, 0));
        tiers.allocate(1000, tieredLegs(), volumes(), noneNested());
        refuses(abi.encodeWithSelector(ITiers.WrongCount.selector, 0, 1));
        tiers.allocate(1000, tieredLegs(), volumes(0), nestedLegs(usualLegs()));
    }

    function test_refusesNestedLegsThatMakeNoRuleOfFive() public {
        Leg[] memory legs = legsOf(shareLeg(CREATOR, 1000, 0), nested(CREATOR, 1), residualLeg(MERCHANT));
        refuses(abi.encodeWithSelector(ITiers.CannotBeNested.selector, 0));
        tiers.allocate(1000, legs, volumes(), nestedLegs(tieredLegs()));
        refuses(abi.encodeWithSelector(IRules.ResidualCount.selector, 0));
        tiers.allocate(1000, legs, volumes(), nestedLegs(legsOf(fixedLeg(PLATFORM, 1))));
        Leg[] memory six = new Leg[](6);
        for (uint256 i = 0; i < 6; ++i) {
            six[i] = i == 5 ? residualLeg(MERCHANT) : fixedLeg(PLATFORM, 1);
        }
        refuses(abi.encodeWithSelector(ITiers.CannotBeNested.selector, 0));
        tiers.allocate(1000, legs, volumes(), nestedLegs(six));
    }

    function test_eachTierAtItsEdge() public view {
        uint64[6] memory reached = [uint64(0), 99_999, 100_000, 999_999, 1_000_000, MOST];
        uint64[6] memory parts = [uint64(100), 100, 150, 150, 200, 200];
        for (uint256 i = 0; i < 6; ++i) {
            vm.assertEq(tiers.allocate(1000, tieredLegs(), volumes(reached[i]), noneNested())[0], parts[i]);
        }
        vm.assertEq(tiers.allocate(MOST, tieredLegs(), volumes(MOST), noneNested())[0], 500); // the step's own cap
    }

    function test_aTierKeepsTheFloorOfItsShare() public view {
        Leg[] memory legs = tieredLegs();
        legs[0].floor = 30;
        vm.assertEq(tiers.allocate(100, legs, volumes(0), noneNested())[0], 30);
        vm.assertEq(tiers.allocate(100, legs, volumes(MOST), noneNested())[0], 30);
        vm.assertEq(tiers.allocate(20, legs, volumes(MOST), noneNested())[0], 20);
    }

    /// @notice A nested rule divides the part as an amount of its own, and every fen is placed.
    function testFuzz_nestedIsTheSplitOfThePart(uint256 seed, uint64 amountFen) public view {
        amountFen = amountFen % (MOST + 1);
        Leg[] memory own = randomLegs(seed, 1 + seed % 6);
        Leg[] memory inner = randomLegs(~seed, 1 + (seed >> 8) % 5);
        uint256 divided = (seed >> 16) % own.length;
        Leg[] memory lines = new Leg[](own.length + 1);
        for (uint256 i = 0; i < own.length; ++i) {
            lines[i <= divided ? i : i + 1] = own[i];
        }
        lines[divided + 1] = nested(own[divided].payee, 1);

        uint64[] memory parts = tiers.allocate(amountFen, lines, volumes(), nestedLegs(inner));
        uint64[] memory outer = allocated(amountFen, own);
        uint64[] memory within = allocated(outer[divided], inner);

        uint256 sum = 0;
        for (uint256 i = 0; i < parts.length; ++i) {
            sum += parts[i];
            if (i == divided) vm.assertEq(parts[i], 0, "what is divided keeps nothing");
            else if (i < divided) vm.assertEq(parts[i], outer[i]);
            else if (i <= divided + inner.length) vm.assertEq(parts[i], within[i - divided - 1]);
            else vm.assertEq(parts[i], outer[i - inner.length]);
        }
        vm.assertEq(parts.length, own.length + inner.length);
        vm.assertEq(sum, amountFen, "every fen");
    }

    /// @notice A share, and a share of a share, never falls when the amount rises, as long as enough is left for it.
    function testFuzz_aShareIsMonotone(uint64 amountFen, uint64 moreFen, uint16 bps, uint16 innerBps, uint64 cap)
        public
        view
    {
        amountFen = amountFen % (MOST + 1);
        moreFen = amountFen + moreFen % (MOST + 1 - amountFen);
        Leg[] memory lines =
            legsOf(shareLeg(CREATOR, 1 + bps % 10_000, cap % (MOST + 1)), nested(CREATOR, 1), residualLeg(MERCHANT));
        Leg[][] memory inner = nestedLegs(legsOf(shareLeg(FARM, 1 + innerBps % 10_000, 0), residualLeg(CREATOR)));
        uint64[] memory less = tiers.allocate(amountFen, lines, volumes(), inner);
        uint64[] memory more = tiers.allocate(moreFen, lines, volumes(), inner);
        vm.assertTrue(less[1] <= more[1], "a share of a share");
        vm.assertTrue(less[1] + less[2] <= more[1] + more[2], "a share");
    }

    /// @notice However an order is refunded, each leg is left with what the rule gives for the rest.
    function testFuzz_refundsInAnyOrderAgree(uint64 amountFen, uint64 first, uint64 second) public {
        amountFen = 2 + amountFen % 1_000_000;
        first = 1 + first % (amountFen - 1);
        second = 1 + second % (amountFen - first);
        uint32 agency = ruleOf(CREATOR, agencyLegs());
        Leg[] memory lines = legsOf(
            shareLeg(CREATOR, 3333, 0), nested(CREATOR, agency), shareLeg(CARRIER, 777, 400), residualLeg(MERCHANT)
        );
        uint32 rule = ruleOf(MERCHANT, lines);
        Leg[] memory plain = new Leg[](6);
        (plain[0], plain[4], plain[5]) = (lines[0], lines[2], lines[3]);
        (plain[1], plain[2], plain[3]) = (agencyLegs()[0], agencyLegs()[1], agencyLegs()[2]);
        bytes memory legs = packedNested(plain, 14);

        bytes32 early = aPaidOrder("refunded first", amountFen, rule);
        refunded(early, 1, first, "");
        by(CARRIER);
        escrow.deliverAndSettle(only(early), "checkpoint", legs);
        refunded(early, 2, second, legs);

        uint64 restFen = amountFen - first - second;
        uint64[] memory parts = tiers.allocate(restFen, lines, volumes(), nestedLegs(agencyLegs()));
        for (uint256 i = 0; i < parts.length; ++i) {
            if (i != 0) vm.assertEq(escrow.earnedFen(plain[i].payee), parts[i]); // each payee has one leg
        }
    }

    function randomLegs(uint256 seed, uint256 count) internal pure returns (Leg[] memory legs) {
        legs = new Leg[](count);
        uint64 bpsLeft = 10_000;
        for (uint256 i = 0; i < count; ++i) {
            uint256 roll = uint256(keccak256(abi.encode(seed, i)));
            uint32 payee = uint32(1 + (roll >> 8) % 9);
            uint64 magnitude = uint64(10 ** ((roll >> 16) % 14));
            if (i == seed % count) {
                legs[i] = residualLeg(payee);
            } else if (roll % 2 == 0 && bpsLeft > 0) {
                uint64 bps = uint64(1 + (roll >> 32) % bpsLeft);
                bpsLeft -= bps;
                uint64 cap = uint64((roll >> 64) % (magnitude + 1));
                legs[i] = flooredLeg(payee, bps, cap, roll % 3 == 0 ? uint64((roll >> 128) % (cap + 1)) : 0);
            } else {
                legs[i] = fixedLeg(payee, uint64(1 + (roll >> 32) % (magnitude + 1)));
            }
        }
    }
}
