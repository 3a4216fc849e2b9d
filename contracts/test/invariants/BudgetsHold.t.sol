// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {CampaignHandler} from "./CampaignHandler.sol";

/// @notice After any acts of anybody with campaigns, in any order.
contract BudgetsHoldTest {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    CampaignHandler internal handler;

    function setUp() public {
        handler = new CampaignHandler();
    }

    /// @dev forge calls only these.
    function targetSelectors() public view returns (FuzzSelector[] memory targets) {
        targets = new FuzzSelector[](1);
        bytes4[] memory acts = new bytes4[](12);
        (acts[0], acts[1], acts[2]) = (handler.open.selector, handler.place.selector, handler.pay.selector);
        (acts[3], acts[4]) = (handler.deliverAndSettle.selector, handler.refund.selector);
        (acts[5], acts[6], acts[7]) = (handler.settleUp.selector, handler.release.selector, handler.close.selector);
        (acts[8], acts[9]) = (handler.pass.selector, handler.collect.selector);
        (acts[10], acts[11]) = (handler.spend.selector, handler.bookRefunds.selector);
        targets[0] = FuzzSelector({addr: address(handler), selectors: acts});
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    /// forge-config: default.invariant.runs = 100
    /// forge-config: default.invariant.depth = 125
    /// forge-config: long.invariant.runs = 2000
    /// forge-config: long.invariant.depth = 250
    function invariant_noBudgetIsOverdrawnAndTheSupplyIsWhatAllHold() public view {
        handler.requireNoBudgetIsOverdrawn();
        handler.requireSupply();
    }
}
