// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {ICredit} from "./interfaces/ICredit.sol";
import {IMembers, Role} from "./interfaces/IMembers.sol";

/// @title Credit
/// @notice See ICredit.
contract Credit is ICredit {
    enum WithdrawalState {
        None,
        Requested,
        Booked,
        Returned
    }

    struct Account {
        uint64 availableFen;
        uint64 inTransitFen;
        bool frozen;
    }

    struct Withdrawal {
        uint64 amountFen;
        uint32 member;
        WithdrawalState state;
    }

    IMembers public immutable members;
    address public immutable escrow;

    /// @inheritdoc ICredit
    uint64 public supplyFen;
    /// @inheritdoc ICredit
    uint64 public escrowedFen;
    uint64 private _withdrawalCount;

    mapping(uint32 member => Account) private _accounts;
    mapping(uint64 withdrawal => Withdrawal) private _withdrawals;
    mapping(uint32 member => mapping(bytes32 reference_ => uint64 withdrawal)) private _withdrawalOf;

    modifier onlyEscrow() {
        if (msg.sender != escrow) revert NotEscrow(msg.sender);
        _;
    }

    modifier onlyBank() {
        // It reverts for anyone else; which member the bank is does not matter.
        // slither-disable-next-line unused-return
        members.requireRole(msg.sender, Role.BANK);
        _;
    }

    modifier onlyConsortium() {
        if (msg.sender != members.consortium()) revert IMembers.NotConsortium(msg.sender);
        _;
    }

    modifier known(uint32 member) {
        // It reverts for an unknown member; nothing else of it matters.
        // slither-disable-next-line unused-return
        members.get(member);
        _;
    }

    /// @param escrow_ the escrow contract, which is deployed after this one: its address is known before (see IEscrow).
    constructor(IMembers members_, address escrow_) {
        members = members_;
        escrow = escrow_;
    }

    // --- only the escrow contract ---

    /// @inheritdoc ICredit
    function mintToEscrow(bytes32 order, uint64 amountFen, string calldata bankReference) external onlyEscrow {
        supplyFen += amountFen;
        escrowedFen += amountFen;

        emit CreditMinted(order, amountFen, bankReference);
    }

    /// @inheritdoc ICredit
    function release(uint32[] calldata payees, uint64[] calldata amountsFen) external onlyEscrow {
        uint64 sumFen = 0;
        for (uint256 i = 0; i < payees.length; ++i) {
            if (amountsFen[i] == 0) continue;
            _accounts[payees[i]].availableFen += amountsFen[i];
            sumFen += amountsFen[i];
        }
        escrowedFen -= sumFen;
    }

    // --- members ---

    /// @inheritdoc ICredit
    function transfer(uint32 to, uint64 amountFen, string calldata memo) external {
        uint32 from = members.requireMember(msg.sender);
        if (!members.get(to).active) revert IMembers.MemberNotActive(to);
        _requireSpendable(from, amountFen);

        _accounts[from].availableFen -= amountFen;
        _accounts[to].availableFen += amountFen;

        emit CreditTransferred(from, to, amountFen, memo);
    }

    /// @inheritdoc ICredit
    function withdraw(uint64 amountFen, bytes32 reference_) external returns (uint64 withdrawal) {
        uint32 member = members.requireMember(msg.sender);
        withdrawal = _withdrawalOf[member][reference_];
        if (withdrawal != 0) {
            if (_withdrawals[withdrawal].amountFen != amountFen) revert ReferenceReused(member, reference_);
            return withdrawal;
        }
        _requireSpendable(member, amountFen);

        withdrawal = ++_withdrawalCount;
        _withdrawalOf[member][reference_] = withdrawal;
        _withdrawals[withdrawal] = Withdrawal({amountFen: amountFen, member: member, state: WithdrawalState.Requested});
        _accounts[member].availableFen -= amountFen;
        _accounts[member].inTransitFen += amountFen;

        emit WithdrawalRequested(withdrawal, member, amountFen);
    }

    // --- the bank ---

    /// @inheritdoc ICredit
    function bookWithdrawals(uint64[] calldata withdrawals, string calldata bankReference) external onlyBank {
        for (uint256 i = 0; i < withdrawals.length; ++i) {
            (uint32 member, uint64 amountFen) = _close(withdrawals[i], WithdrawalState.Booked);
            supplyFen -= amountFen;

            emit WithdrawalBooked(withdrawals[i], member, amountFen, bankReference);
        }
    }

    /// @inheritdoc ICredit
    function returnWithdrawal(uint64 withdrawal, string calldata reason) external onlyBank {
        (uint32 member, uint64 amountFen) = _close(withdrawal, WithdrawalState.Returned);
        _accounts[member].availableFen += amountFen;

        emit WithdrawalReturned(withdrawal, member, amountFen, reason);
    }

    // --- the consortium ---

    /// @inheritdoc ICredit
    function freeze(uint32 member, string calldata reason) external onlyConsortium known(member) {
        if (_accounts[member].frozen) return;

        _accounts[member].frozen = true;

        emit AccountFrozen(member, reason);
    }

    /// @inheritdoc ICredit
    function unfreeze(uint32 member) external onlyConsortium known(member) {
        if (!_accounts[member].frozen) return;

        _accounts[member].frozen = false;

        emit AccountUnfrozen(member);
    }

    // --- reads ---

    /// @inheritdoc ICredit
    function availableFen(uint32 member) external view returns (uint64) {
        return _accounts[member].availableFen;
    }

    /// @inheritdoc ICredit
    function inTransitFen(uint32 member) external view returns (uint64) {
        return _accounts[member].inTransitFen;
    }

    function _requireSpendable(uint32 member, uint64 amountFen) private view {
        Account memory account = _accounts[member];
        if (amountFen == 0) revert ZeroAmount();
        if (account.frozen) revert AccountIsFrozen(member);
        if (account.availableFen < amountFen) revert NotEnoughCredit(member, account.availableFen, amountFen);
    }

    /// @dev Takes an open withdrawal out of transit, once.
    function _close(uint64 id, WithdrawalState outcome) private returns (uint32 member, uint64 amountFen) {
        Withdrawal storage withdrawal = _withdrawals[id];
        if (withdrawal.state == WithdrawalState.None) revert UnknownWithdrawal(id);
        if (withdrawal.state != WithdrawalState.Requested) revert WithdrawalIsClosed(id);
        (member, amountFen) = (withdrawal.member, withdrawal.amountFen);

        withdrawal.state = outcome;
        _accounts[member].inTransitFen -= amountFen;
    }
}
