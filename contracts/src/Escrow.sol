// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {Batches} from "./escrow/Batches.sol";
import {Orders} from "./escrow/Orders.sol";
import {ICampaigns} from "./interfaces/ICampaigns.sol";
import {ICredit} from "./interfaces/ICredit.sol";
import {IMembers} from "./interfaces/IMembers.sol";
import {IRules} from "./interfaces/IRules.sol";
import {ITiers} from "./interfaces/ITiers.sol";

/// @title Escrow: orders alone (IEscrow) and in batches (IBatches), one arithmetic
/// @notice See IEscrow and IBatches.
contract Escrow is Batches {
    constructor(IMembers members_, IRules rules_, ICredit credit_, ITiers tiers_, ICampaigns campaigns_)
        Orders(members_, rules_, credit_, tiers_, campaigns_)
    {}
}
