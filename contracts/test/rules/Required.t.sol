// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {Leg} from "../../src/interfaces/IRules.sol";
import {Consent} from "../../src/libraries/Consent.sol";
import {World} from "../support/World.sol";

/// @notice Whose signature a new version needs.
contract RequiredTest is World {
    function required(Leg[] calldata legs, Leg[] calldata baseLegs) external pure returns (uint32[] memory) {
        return Consent.required(legs, baseLegs);
    }

    function assertRequired(Leg[] memory legs, Leg[] memory baseLegs, uint32[] memory expected) internal view {
        uint32[] memory actual = this.required(legs, baseLegs);
        vm.assertEq(keccak256(abi.encode(actual)), keccak256(abi.encode(expected)));
    }

    function list(uint32 a) internal pure returns (uint32[] memory members_) {
        members_ = new uint32[](1);
        members_[0] = a;
    }

    function list(uint32 a, uint32 b) internal pure returns (uint32[] memory members_) {
        members_ = new uint32[](2);
        (members_[0], members_[1]) = (a, b);
    }

    function list(uint32 a, uint32 b, uint32 c) internal pure returns (uint32[] memory members_) {
        members_ = new uint32[](3);
        (members_[0], members_[1], members_[2]) = (a, b, c);
    }

    function test_aFirstVersionNeedsAllWhomItPaysInAscendingOrder() public view {
        assertRequired(
            legsOf(fixedLeg(9, 50), shareLeg(4, 100, 0), residualLeg(6)), none(), list(uint32(4), uint32(6), uint32(9))
        );
    }

    function test_aPayeeOfSeveralLegsSignsOnce() public view {
        assertRequired(legsOf(fixedLeg(9, 50), shareLeg(9, 100, 0), residualLeg(9)), none(), list(uint32(9)));
    }

    function test_whoseLegsAreTheSameNeedsNotSign() public view {
        Leg[] memory before = legsOf(fixedLeg(5, 50), shareLeg(4, 2000, 0), residualLeg(3));
        Leg[] memory later = legsOf(fixedLeg(5, 50), shareLeg(4, 2500, 0), residualLeg(3));
        assertRequired(later, before, list(uint32(3), uint32(4)));
    }

    function test_theResidualsPayeeSignsThoughItsLegIsTheSame() public view {
        Leg[] memory before = legsOf(fixedLeg(5, 50), residualLeg(3));
        assertRequired(before, before, list(uint32(3)));
    }

    function test_theResidualsPayeesOfTheOldAndTheNewVersionSign() public view {
        Leg[] memory before = legsOf(fixedLeg(5, 50), residualLeg(3));
        Leg[] memory later = legsOf(fixedLeg(5, 50), residualLeg(8));
        assertRequired(later, before, list(uint32(3), uint32(8)));
    }

    function test_anOldPayeeThatIsLeftOutSigns() public view {
        Leg[] memory before = legsOf(fixedLeg(5, 50), shareLeg(4, 2000, 0), residualLeg(3));
        assertRequired(legsOf(fixedLeg(5, 50), residualLeg(3)), before, list(uint32(3), uint32(4)));
    }

    function test_aChangedCapOrKindIsAChange() public view {
        Leg[] memory before = legsOf(shareLeg(5, 50, 100), residualLeg(3));
        assertRequired(legsOf(shareLeg(5, 50, 101), residualLeg(3)), before, list(uint32(3), uint32(5)));
        assertRequired(legsOf(fixedLeg(5, 50), residualLeg(3)), before, list(uint32(3), uint32(5)));
    }

    function test_aSecondLegForAPayeeIsAChange() public view {
        Leg[] memory before = legsOf(fixedLeg(5, 50), residualLeg(3));
        Leg[] memory later = legsOf(fixedLeg(5, 50), fixedLeg(5, 50), residualLeg(3));
        assertRequired(later, before, list(uint32(3), uint32(5)));
    }

    function test_swappingTwoLegsOfOnePayeeIsAChange() public view {
        Leg[] memory before = legsOf(fixedLeg(5, 50), shareLeg(5, 100, 0), residualLeg(3));
        Leg[] memory later = legsOf(shareLeg(5, 100, 0), fixedLeg(5, 50), residualLeg(3));
        assertRequired(later, before, list(uint32(3), uint32(5)));
    }

    function test_whoseLegsStandElsewhereWithTheSameNumbersNeedsNotSign() public view {
        Leg[] memory before = legsOf(fixedLeg(5, 50), residualLeg(3));
        Leg[] memory later = legsOf(residualLeg(3), fixedLeg(4, 10), fixedLeg(5, 50));
        assertRequired(later, before, list(uint32(3), uint32(4)));
    }
}
