// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {IRules, Leg, LegKind} from "../../src/interfaces/IRules.sol";
import {World} from "../support/World.sol";

/// @notice Builders for rules with steps and nested rules.
abstract contract TiersWorld is World {
    uint64 internal constant MOST = 9e14;

    function step(uint32 payee, uint64 volumeFen, uint64 bps, uint64 capFen) internal pure returns (Leg memory) {
        return Leg({payee: payee, kind: LegKind.Step, value: bps, cap: capFen, floor: volumeFen});
    }

    function nested(uint32 payee, uint32 rule) internal pure returns (Leg memory) {
        return Leg({payee: payee, kind: LegKind.Nested, value: rule, cap: 0, floor: 0});
    }

    /// @dev The creator's 10 %, from 1,000 yuan in the last month 15 %, from 10,000 yuan 20 % and at most 500 fen; the
    ///      merchant the rest.
    function tieredLegs() internal pure returns (Leg[] memory) {
        return legsOf(
            shareLeg(CREATOR, 1000, 0),
            step(CREATOR, 100_000, 1500, 0),
            step(CREATOR, 1_000_000, 2000, 500),
            residualLeg(MERCHANT)
        );
    }

    /// @dev The creator's own rule: the farm 30 %, the platform 7 fen, itself the rest.
    function agencyLegs() internal pure returns (Leg[] memory) {
        return legsOf(shareLeg(FARM, 3000, 0), fixedLeg(PLATFORM, 7), residualLeg(CREATOR));
    }

    function ruleOf(uint32 owner, Leg[] memory legs) internal returns (uint32 rule) {
        by(owner);
        (rule,) = rules.propose(0, legs, none());
        signedByAll(rule, 1, legs);
    }

    /// @dev A further version, signed by all whom it pays that did not sign.
    function laterVersion(uint32 owner, uint32 rule, Leg[] memory legs, Leg[] memory base)
        internal
        returns (uint32 version)
    {
        by(owner);
        (, version) = rules.propose(rule, legs, base);
        signedByAll(rule, version, base);
        signedByAll(rule, version, legs);
    }

    function signedByAll(uint32 rule, uint32 version, Leg[] memory legs) internal {
        for (uint256 i = 0; i < legs.length; ++i) {
            bytes memory signature = signatureOf(legs[i].payee, rules.digest(rule, version));
            try rules.sign(rule, version, legs[i].payee, signature) {} catch {}
        }
    }

    /// @dev Packed legs of which those marked belong to a nested rule.
    function packedNested(Leg[] memory plain, uint16 marks) internal pure returns (bytes memory) {
        return abi.encodePacked(packed(plain), marks);
    }

    function volumes() internal pure returns (uint256[] memory) {
        return new uint256[](0);
    }

    function volumes(uint256 fen) internal pure returns (uint256[] memory list) {
        list = new uint256[](1);
        list[0] = fen;
    }

    function noneNested() internal pure returns (Leg[][] memory) {
        return new Leg[][](0);
    }

    function nestedLegs(Leg[] memory legs) internal pure returns (Leg[][] memory list) {
        list = new Leg[][](1);
        list[0] = legs;
    }

    function legsOf(Leg memory a, Leg memory b, Leg memory c, Leg memory d, Leg memory e)
        internal
        pure
        returns (Leg[] memory legs)
    {
        legs = new Leg[](5);
        (legs[0], legs[1], legs[2], legs[3], legs[4]) = (a, b, c, d, e);
    }
}
