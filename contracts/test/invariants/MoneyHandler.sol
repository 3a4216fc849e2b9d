// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {OrderState} from "../../src/interfaces/IEscrow.sol";
import {Leg} from "../../src/interfaces/IRules.sol";
import {World} from "../support/World.sol";

/// @notice Does what members, carrier and bank may do, in any order and with any amounts, and keeps its own books. Each act picks
///         only what is allowed, so a revert is a failure.
contract MoneyHandler is World {
    uint64 internal constant MOST_FEN = 9e14;

    uint32 internal rule;
    bytes32[] internal orders;
    mapping(bytes32 order => uint64) internal amountOf;
    uint64[] internal open; // withdrawals
    mapping(uint64 withdrawal => uint64) internal withdrawnFen;
    uint256 internal references;

    /// @notice What the bank was paid by buyers, and what it paid out, in fen.
    uint256 public paidInFen;
    uint256 public paidOutFen;

    constructor() {
        World.setUp();
        rule = aRuleInForce(legs());
    }

    function setUp() public override {}

    /// @dev Includes a leg that two shares may starve, a cap, and a payee of two legs.
    function legs() internal pure returns (Leg[] memory list) {
        list = new Leg[](5);
        list[0] = shareLeg(CREATOR, 7000, 0);
        list[1] = fixedLeg(PLATFORM, 50);
        list[2] = residualLeg(MERCHANT);
        list[3] = shareLeg(CARRIER, 3000, 1_000_000);
        list[4] = fixedLeg(CREATOR, 1);
    }

    // --- acts ---

    function orderAndPay(uint64 amountFen, uint8 magnitude) external {
        amountFen = 51 + amountFen % uint64(10 ** (1 + magnitude % 14));
        bytes32 order = aPaidOrder(string(abi.encode(orders.length)), amountFen, rule);
        orders.push(order);
        amountOf[order] = amountFen;
        paidInFen += amountFen;
    }

    function placeOnly(uint64 amountFen) external {
        orders.push(placed(terms(string(abi.encode(orders.length)), 51 + amountFen % MOST_FEN / 2, rule)));
    }

    function deliver(uint256 pick) external {
        bytes32 order = anyOrder(pick);
        if (order == 0 || escrow.stateOf(order) < OrderState.Paid) return;
        by(CARRIER);
        escrow.deliver(only(order), "checkpoint");
    }

    function settle(uint256 pick) external {
        bytes32 order = anyOrder(pick);
        if (order == 0 || escrow.stateOf(order) != OrderState.Delivered) return;
        escrow.settle(only(order), packed(legs()));
    }

    function deliverAndSettle(uint256 pick, uint256 pickAnother) external {
        (bytes32 one, bytes32 two) = (anyOrder(pick), anyOrder(pickAnother));
        if (one == 0 || escrow.stateOf(one) < OrderState.Paid || escrow.stateOf(two) < OrderState.Paid) return;
        by(CARRIER);
        escrow.deliverAndSettle(pair(one, two), "checkpoint", packed(legs()));
    }

    function transfer(uint32 from, uint32 to, uint64 amountFen) external {
        from = 1 + from % OTHER_CARRIER;
        amountFen = partOf(from, amountFen);
        if (amountFen == 0) return;
        by(from);
        credit.transfer(1 + to % OTHER_CARRIER, amountFen, "");
    }

    function withdraw(uint32 member, uint64 amountFen) external {
        member = 1 + member % OTHER_CARRIER;
        amountFen = partOf(member, amountFen);
        if (amountFen == 0) return;
        by(member);
        uint64 withdrawal = credit.withdraw(amountFen, keccak256(abi.encode(++references)));
        withdrawnFen[withdrawal] = amountFen;
        open.push(withdrawal);
    }

    function book(uint256 pick) external {
        if (open.length == 0) return;
        uint64[] memory list = new uint64[](1);
        list[0] = take(pick);
        by(BANK);
        credit.bookWithdrawals(list, "CMB-2");
        paidOutFen += withdrawnFen[list[0]];
    }

    function returned(uint256 pick) external {
        if (open.length == 0) return;
        uint64 withdrawal = take(pick);
        by(BANK);
        credit.returnWithdrawal(withdrawal, "wrong account");
    }

    // --- what the invariants compare ---

    function supplyFen() external view returns (uint256) {
        return credit.supplyFen();
    }

    function escrowedFen() external view returns (uint256) {
        return credit.escrowedFen();
    }

    function heldByMembersFen() external view returns (uint256 fen) {
        for (uint32 member = 0; member <= OTHER_CARRIER; ++member) {
            fen += uint256(credit.collectedFen(member)) + credit.inTransitFen(member);
        }
    }

    function earnedFen() external view returns (uint256 fen) {
        for (uint32 member = 0; member <= OTHER_CARRIER; ++member) {
            fen += escrow.earnedFen(member);
        }
    }

    function paidAndUnsettledFen() external view returns (uint256 fen) {
        for (uint256 i = 0; i < orders.length; ++i) {
            OrderState state = escrow.stateOf(orders[i]);
            if (state == OrderState.Paid || state == OrderState.Delivered) fen += amountOf[orders[i]];
        }
    }

    // --- picks ---

    function anyOrder(uint256 pick) private view returns (bytes32) {
        return orders.length == 0 ? bytes32(0) : orders[pick % orders.length];
    }

    function partOf(uint32 member, uint64 amountFen) private view returns (uint64) {
        uint64 availableFen = credit.availableFen(member);
        return availableFen == 0 ? 0 : 1 + amountFen % availableFen;
    }

    function take(uint256 pick) private returns (uint64 withdrawal) {
        uint256 place = pick % open.length;
        withdrawal = open[place];
        open[place] = open[open.length - 1];
        open.pop();
    }
}
