// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {IRules, Leg, LegKind} from "../../src/interfaces/IRules.sol";
import {World} from "../support/World.sol";

contract AllocateTest is World {
    uint64 internal constant MOST = 9e14;

    function refusesLegs(bytes memory error, Leg[] memory legs) internal {
        refuses(error);
        allocated(1000, legs);
    }

    function test_refusesMoreThanTheLargestOrder() public {
        refuses(abi.encodeWithSelector(IRules.AmountTooLarge.selector, MOST + 1));
        allocated(MOST + 1, usualLegs());
    }

    function test_refusesNoneAndMoreThanSixteenLegs() public {
        refusesLegs(abi.encodeWithSelector(IRules.LegCount.selector, 0, 16), none());

        Leg[] memory seventeen = new Leg[](17);
        for (uint32 i = 0; i < 17; ++i) {
            seventeen[i] = i == 0 ? residualLeg(1) : fixedLeg(i, 1);
        }
        refusesLegs(abi.encodeWithSelector(IRules.LegCount.selector, 17, 16), seventeen);
    }

    function test_refusesNoneAndTwoResiduals() public {
        refusesLegs(abi.encodeWithSelector(IRules.ResidualCount.selector, 0), legsOf(fixedLeg(1, 1)));
        refusesLegs(abi.encodeWithSelector(IRules.ResidualCount.selector, 2), legsOf(residualLeg(1), residualLeg(2)));
    }

    function test_refusesSharesThatExceedTheWhole() public {
        allocated(1000, legsOf(shareLeg(1, 6000, 0), shareLeg(2, 4000, 0), residualLeg(3)));
        refusesLegs(
            abi.encodeWithSelector(IRules.SharesExceedWhole.selector, 10_001),
            legsOf(shareLeg(1, 6000, 0), shareLeg(2, 4001, 0), residualLeg(3))
        );
    }

    function test_refusesLegsWhoseNumbersMeanNothing() public {
        Leg[9] memory bad = [
            fixedLeg(0, 1), // nobody
            fixedLeg(1, 0),
            shareLeg(1, 0, 0),
            Leg({payee: 1, kind: LegKind.Fixed, value: 1, cap: 1, floor: 0}),
            Leg({payee: 1, kind: LegKind.Residual, value: 1, cap: 0, floor: 0}),
            Leg({payee: 1, kind: LegKind.Residual, value: 0, cap: 1, floor: 0}),
            Leg({payee: 1, kind: LegKind.Fixed, value: 1, cap: 0, floor: 1}),
            Leg({payee: 1, kind: LegKind.Residual, value: 0, cap: 0, floor: 1}),
            flooredLeg(1, 100, 10, 11) // a floor above its cap
        ];
        for (uint256 i = 0; i < bad.length; ++i) {
            refusesLegs(abi.encodeWithSelector(IRules.BadLeg.selector, 1), legsOf(residualLeg(2), bad[i]));
        }
    }

    function test_refusesFixedLegsAndCapsAboveTheLargestOrder() public {
        allocated(1000, legsOf(fixedLeg(1, MOST - 1), fixedLeg(2, 1), residualLeg(3)));
        refusesLegs(
            abi.encodeWithSelector(IRules.AmountTooLarge.selector, MOST + 1),
            legsOf(fixedLeg(1, MOST), fixedLeg(2, 1), residualLeg(3))
        );
        refusesLegs(
            abi.encodeWithSelector(IRules.AmountTooLarge.selector, MOST + 1),
            legsOf(shareLeg(1, 100, MOST + 1), residualLeg(3))
        );
    }

    function test_placesTheResidualLastWhereverItStands() public view {
        uint64[] memory amountsFen = allocated(1000, legsOf(residualLeg(1), fixedLeg(2, 300), shareLeg(3, 3333, 0)));
        vm.assertEq(amountsFen[0], 367);
        vm.assertEq(amountsFen[1], 300);
        vm.assertEq(amountsFen[2], 333);
    }

    function test_aLegTakesAtMostWhatTheLegsBeforeItLeft() public view {
        uint64[] memory amountsFen =
            allocated(100, legsOf(shareLeg(1, 9000, 0), fixedLeg(2, 30), shareLeg(3, 1000, 0), residualLeg(4)));
        vm.assertEq(amountsFen[0], 90);
        vm.assertEq(amountsFen[1], 10);
        vm.assertEq(amountsFen[2], 0);
        vm.assertEq(amountsFen[3], 0);
    }

    function test_aCapHoldsFromItsEdgeOn() public view {
        Leg[] memory legs = legsOf(shareLeg(1, 1000, 10), residualLeg(2));
        vm.assertEq(allocated(99, legs)[0], 9);
        vm.assertEq(allocated(109, legs)[0], 10);
        vm.assertEq(allocated(110, legs)[0], 10);
        vm.assertEq(allocated(MOST, legs)[0], 10);
    }

    function test_refusesFixedLegsAndFloorsThatTogetherExceedTheLargestOrder() public {
        allocated(1000, legsOf(fixedLeg(1, MOST - 1), flooredLeg(2, 1, 0, 1), residualLeg(3)));
        refusesLegs(
            abi.encodeWithSelector(IRules.AmountTooLarge.selector, MOST + 1),
            legsOf(fixedLeg(1, MOST), flooredLeg(2, 1, 0, 1), residualLeg(3))
        );
    }

    function test_aFloorHoldsUpToItsEdge() public view {
        Leg[] memory legs = legsOf(flooredLeg(1, 1000, 0, 10), residualLeg(2));
        vm.assertEq(allocated(10, legs)[0], 10);
        vm.assertEq(allocated(109, legs)[0], 10);
        vm.assertEq(allocated(110, legs)[0], 11);
        vm.assertEq(allocated(9, legs)[0], 9); // no more than there is
        vm.assertEq(allocated(0, legs)[0], 0);
    }

    function test_aFloorThatIsItsCapIsAFixedLeg() public view {
        Leg[] memory legs = legsOf(flooredLeg(1, 1000, 10, 10), residualLeg(2));
        vm.assertEq(allocated(11, legs)[0], 10);
        vm.assertEq(allocated(MOST, legs)[0], 10);
    }

    function test_aFloorTakesAtMostWhatTheLegsBeforeItLeft() public view {
        Leg[] memory legs = legsOf(shareLeg(1, 9000, 0), flooredLeg(2, 100, 0, 30), residualLeg(3));
        uint64[] memory amountsFen = allocated(100, legs);
        vm.assertEq(amountsFen[0], 90);
        vm.assertEq(amountsFen[1], 10);
        vm.assertEq(amountsFen[2], 0);
    }

    function test_answersForNothing() public view {
        uint64[] memory amountsFen = allocated(0, usualLegs());
        for (uint256 i = 0; i < amountsFen.length; ++i) {
            vm.assertEq(amountsFen[i], 0);
        }
    }

    /// @notice The legs sum to the amount, each share is its part rounded down or less, or its floor or less, and none exceeds what it asks for.
    function testFuzz_placesEveryFen(uint256 seed, uint64 amountFen, uint8 count) public view {
        amountFen = amountFen % (MOST + 1);
        Leg[] memory legs = randomLegs(seed, 1 + count % 16);

        uint64[] memory amountsFen = allocated(amountFen, legs);

        uint256 sum = 0;
        for (uint256 i = 0; i < legs.length; ++i) {
            sum += amountsFen[i];
            if (legs[i].kind == LegKind.Fixed) vm.assertTrue(amountsFen[i] <= legs[i].value, "fixed");
            if (legs[i].kind == LegKind.Share) {
                bool within = uint256(amountsFen[i]) * 10_000 <= uint256(amountFen) * legs[i].value;
                vm.assertTrue(within || amountsFen[i] <= legs[i].floor, "share");
                vm.assertTrue(legs[i].cap == 0 || amountsFen[i] <= legs[i].cap, "cap");
            }
        }
        vm.assertEq(amountsFen.length, legs.length);
        vm.assertEq(sum, amountFen, "every fen");
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
                uint64 floor = roll % 3 == 0 ? uint64((roll >> 128) % (cap + 1)) : 0;
                legs[i] = flooredLeg(payee, bps, cap, floor);
            } else {
                legs[i] = fixedLeg(payee, uint64(1 + (roll >> 32) % (magnitude + 1)));
            }
        }
    }
}
