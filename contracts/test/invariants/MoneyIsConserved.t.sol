// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {Vm} from "../support/Vm.sol";
import {MoneyHandler} from "./MoneyHandler.sol";

/// @notice After any acts of anybody, in any order.
contract MoneyIsConservedTest {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    Vm internal constant vm = Vm(0x7109709ECfa91a80626fF3989D68f67F5b1DD12D);

    MoneyHandler internal handler;

    function setUp() public {
        handler = new MoneyHandler();
    }

    /// @dev forge calls only these.
    function targetSelectors() public view returns (FuzzSelector[] memory targets) {
        targets = new FuzzSelector[](1);
        bytes4[] memory acts = new bytes4[](9);
        (acts[0], acts[1], acts[2]) =
        (handler.orderAndPay.selector, handler.placeOnly.selector, handler.deliver.selector);
        (acts[3], acts[4], acts[5]) =
        (handler.settle.selector, handler.deliverAndSettle.selector, handler.transfer.selector);
        (acts[6], acts[7], acts[8]) = (handler.withdraw.selector, handler.book.selector, handler.returned.selector);
        targets[0] = FuzzSelector({addr: address(handler), selectors: acts});
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    /// @notice The supply is what escrow contracts hold and what members collected, available or in transit.
    function invariant_supplyIsEscrowedAndCollectedAndInTransit() public view {
        vm.assertEq(handler.supplyFen(), handler.escrowedFen() + handler.heldByMembersFen());
    }

    /// @notice The supply is what buyers paid in and the bank did not pay out.
    function invariant_supplyIsPaidInLessPaidOut() public view {
        vm.assertEq(handler.supplyFen(), handler.paidInFen() - handler.paidOutFen());
    }

    /// @notice In escrow is what was paid for orders that are not settled, and what members earned and did not collect.
    function invariant_escrowedIsUnsettledAndEarned() public view {
        vm.assertEq(handler.escrowedFen(), handler.paidAndUnsettledFen() + handler.earnedFen());
    }
}
