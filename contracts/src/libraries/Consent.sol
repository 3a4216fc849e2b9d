// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {Leg, LegKind} from "../interfaces/IRules.sol";

/// @title Consent: whose signature a new version of a rule needs
library Consent {
    /// @notice Every payee of the old or the new legs whose legs are not the same in both, and always the residual's
    ///         payee of the one and of the other; in ascending order, each once. `oldLegs` is empty for a first
    ///         version.
    function required(Leg[] calldata newLegs, Leg[] calldata oldLegs) internal pure returns (uint32[] memory members) {
        uint32[] memory found = new uint32[](newLegs.length + oldLegs.length);
        uint256 count = 0;
        for (uint256 i = 0; i < found.length; ++i) {
            Leg calldata leg = i < newLegs.length ? newLegs[i] : oldLegs[i - newLegs.length];
            bool same = termsOf(leg.payee, newLegs) == termsOf(leg.payee, oldLegs);
            if (leg.kind == LegKind.Residual || !same) count = insert(found, count, leg.payee);
        }
        members = new uint32[](count);
        for (uint256 i = 0; i < count; ++i) {
            members[i] = found[i];
        }
    }

    /// @dev A digest of all the numbers of one payee's legs, in their order; zero when it has none.
    function termsOf(uint32 payee, Leg[] calldata legs) private pure returns (bytes32 terms) {
        for (uint256 i = 0; i < legs.length; ++i) {
            if (legs[i].payee == payee) terms = keccak256(abi.encode(terms, legs[i]));
        }
    }

    /// @dev Insertion into the first `count` places, which ascend.
    function insert(uint32[] memory sorted, uint256 count, uint32 member) private pure returns (uint256) {
        uint256 place = count;
        while (place > 0 && sorted[place - 1] > member) --place;
        if (place > 0 && sorted[place - 1] == member) return count;

        for (uint256 i = count; i > place; --i) {
            sorted[i] = sorted[i - 1];
        }
        sorted[place] = member;
        return count + 1;
    }
}
