// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {ICredit} from "./interfaces/ICredit.sol";
import {IGoverned} from "./interfaces/IGoverned.sol";
import {IMembers, Role, Standing} from "./interfaces/IMembers.sol";

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

    enum EscrowState {
        None,
        Admitted,
        Retired
    }

    struct EscrowAccount {
        uint64 heldFen;
        EscrowState state;
    }

    struct Withdrawal {
        uint64 amountFen;
        uint32 member;
        WithdrawalState state;
    }

    IMembers public immutable members;

    /// @inheritdoc ICredit
    uint64 public supplyFen;
    uint64 private _withdrawalCount;

    /// @dev Each that was ever admitted.
    address[] private _escrowList;
    mapping(address escrow => EscrowAccount) private _escrows;
    mapping(uint32 member => Account) private _accounts;
    mapping(uint64 withdrawal => Withdrawal) private _withdrawals;
    mapping(uint32 member => mapping(bytes32 reference_ => uint64 withdrawal)) private _withdrawalOf;

    modifier onlyBank() {
        // It reverts for anyone else; which member the bank is does not matter.
        // slither-disable-next-line unused-return
        members.requireRole(msg.sender, Role.BANK);
        _;
    }

    modifier onlyGovernor() {
        if (msg.sender != members.governor()) revert IGoverned.NotGovernor(msg.sender);
        _;
    }

    /// @param escrow the first escrow contract, which is deployed after this one: its address is known before (see
    ///        IEscrow).
    constructor(IMembers members_, address escrow) {
        members = members_;
        _admit(escrow);
    }

    // --- only an escrow contract ---

    /// @inheritdoc ICredit
    function mintToEscrow(bytes32 order, uint64 amountFen, string calldata bankReference) external {
        EscrowAccount storage escrow = _escrows[msg.sender];
        if (escrow.state == EscrowState.None) revert NotEscrow(msg.sender);
        if (escrow.state == EscrowState.Retired) revert EscrowIsRetired(msg.sender);

        supplyFen += amountFen;
        escrow.heldFen += amountFen;

        emit CreditMinted(order, amountFen, bankReference);
    }

    /// @inheritdoc ICredit
    function release(uint32[] calldata payees, uint64[] calldata amountsFen) external {
        EscrowAccount memory escrow = _escrows[msg.sender];
        if (escrow.state == EscrowState.None) revert NotEscrow(msg.sender);

        uint64 sumFen = 0;
        for (uint256 i = 0; i < payees.length; ++i) {
            if (amountsFen[i] == 0) continue;
            _accounts[payees[i]].availableFen += amountsFen[i];
            sumFen += amountsFen[i];
        }
        if (sumFen > escrow.heldFen) revert EscrowHoldsLess(msg.sender, escrow.heldFen, sumFen);
        _escrows[msg.sender].heldFen = escrow.heldFen - sumFen;
    }

    // --- members ---

    /// @inheritdoc ICredit
    function transfer(uint32 to, uint64 amountFen, string calldata memo) external {
        uint32 from = members.requireMayAct(msg.sender, Role.TREASURY, msg.sig);
        Standing standing = members.get(to).standing;
        if (standing != Standing.Active) revert IMembers.MemberNotActive(to, standing);
        _requireSpendable(from, amountFen);

        _accounts[from].availableFen -= amountFen;
        _accounts[to].availableFen += amountFen;

        emit CreditTransferred(from, to, amountFen, memo);
    }

    /// @inheritdoc ICredit
    function withdraw(uint64 amountFen, bytes32 reference_) external returns (uint64 withdrawal) {
        uint32 member = members.requireTreasurer(msg.sender);
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

    // --- the regulator and the governor ---

    /// @inheritdoc ICredit
    function freeze(uint32 member, string calldata reason) external {
        uint32 by = _requireRegulatorOrGovernor();
        _requireKnown(member);
        if (_accounts[member].frozen) return;

        _accounts[member].frozen = true;

        emit AccountFrozen(member, by, reason);
    }

    /// @inheritdoc ICredit
    function unfreeze(uint32 member) external {
        uint32 by = _requireRegulatorOrGovernor();
        _requireKnown(member);
        if (!_accounts[member].frozen) return;

        _accounts[member].frozen = false;

        emit AccountUnfrozen(member, by);
    }

    /// @inheritdoc ICredit
    function admitEscrow(address escrow) external onlyGovernor {
        if (escrow.code.length == 0) revert IGoverned.NotAContract(escrow);

        _admit(escrow);
    }

    /// @inheritdoc ICredit
    function retireEscrow(address escrow) external onlyGovernor {
        EscrowState state = _escrows[escrow].state;
        if (state == EscrowState.None) revert NotEscrow(escrow);
        if (state == EscrowState.Retired) return;

        _escrows[escrow].state = EscrowState.Retired;

        emit EscrowRetired(escrow);
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

    /// @inheritdoc ICredit
    function escrowedFen() external view returns (uint64 fen) {
        for (uint256 i = 0; i < _escrowList.length; ++i) {
            fen += _escrows[_escrowList[i]].heldFen;
        }
    }

    /// @inheritdoc ICredit
    function heldFen(address escrow) external view returns (uint64 fen) {
        return _escrows[escrow].heldFen;
    }

    /// @inheritdoc ICredit
    function escrows() external view returns (address[] memory) {
        return _escrowList;
    }

    /// @inheritdoc ICredit
    function isAdmitted(address escrow) external view returns (bool) {
        return _escrows[escrow].state == EscrowState.Admitted;
    }

    function _admit(address escrow) private {
        EscrowState state = _escrows[escrow].state;
        if (state == EscrowState.Admitted) return;

        if (state == EscrowState.None) _escrowList.push(escrow);
        _escrows[escrow].state = EscrowState.Admitted;

        emit EscrowAdmitted(escrow);
    }

    /// @return by the regulator that calls, 0 for the governor.
    function _requireRegulatorOrGovernor() private view returns (uint32 by) {
        return msg.sender == members.governor() ? 0 : members.requireRole(msg.sender, Role.REGULATOR);
    }

    function _requireKnown(uint32 member) private view {
        // It reverts for an unknown member; nothing else of it matters.
        // slither-disable-next-line unused-return
        members.get(member);
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
