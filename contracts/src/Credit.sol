// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {ICredit, IEarnings} from "./interfaces/ICredit.sol";
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
        uint64 collectedFen;
        uint64 inTransitFen;
        bool frozen;
        bool owes;
    }

    /// @dev What belongs to no member, in one slot.
    struct Pool {
        uint64 supplyFen;
        uint64 fundFen;
        uint64 toShoppersFen;
        uint64 dueFen; // beside the supply
    }

    enum EscrowState {
        None,
        Admitted,
        Retired
    }

    struct EscrowAccount {
        uint64 heldFen;
        uint64 collectedFen; // from it, less what it took back
        EscrowState state;
    }

    struct Withdrawal {
        uint64 amountFen;
        uint32 member;
        WithdrawalState state;
    }

    IMembers public immutable members;

    Pool private _pool;
    uint64 private _withdrawalCount;

    /// @dev Each that was ever admitted.
    address[] private _escrowList;
    mapping(address escrow => EscrowAccount) private _escrows;
    mapping(uint32 member => Account) private _accounts;

    /// @inheritdoc ICredit
    mapping(uint32 member => uint64) public owedFen;
    mapping(bytes32 order => mapping(uint8 number => uint64 amountFen)) private _booked;
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
    /// @param campaigns the contract that holds campaigns' budgets, as known before.
    constructor(IMembers members_, address escrow, address campaigns) {
        members = members_;
        _admit(escrow);
        _admit(campaigns);
    }

    // --- only an escrow contract ---

    /// @inheritdoc ICredit
    function mintToEscrow(bytes32 order, uint64 amountFen, string calldata bankReference) external {
        EscrowAccount storage escrow = _escrows[msg.sender];
        _requireAdmitted(msg.sender);

        _pool.supplyFen += amountFen;
        escrow.heldFen += amountFen;

        emit CreditMinted(order, amountFen, bankReference);
    }

    /// @inheritdoc ICredit
    function refund(uint64 fromHeld, uint64 toHeld, uint256[] calldata debits) external {
        (uint64 takenFen, uint64 uncoveredFen) = (0, 0);
        for (uint256 i = 0; i < debits.length; ++i) {
            takenFen += uint64(debits[i]);
            uncoveredFen += _debit(uint32(debits[i] >> 64), uint64(debits[i]));
        }
        _takeFromEscrow(fromHeld, toHeld, takenFen);
        // A residual may have been given a fen that nobody had: then other refunds lend it until the debt is paid.
        _moveToShoppers(uint256(fromHeld) + takenFen, uint256(uncoveredFen) + toHeld);
    }

    /// @inheritdoc ICredit
    // slither-disable-next-line reentrancy-no-eth // whom it calls: see _collect
    function fund(uint32 member, uint64 amountFen) external {
        _requireAdmitted(msg.sender);
        _collectToSpend(member, amountFen);

        _accounts[member].collectedFen -= amountFen;
        _escrows[msg.sender].heldFen += amountFen;

        emit EscrowFunded(member, msg.sender, amountFen);
    }

    /// @inheritdoc ICredit
    function passOn(address to, uint64 amountFen) external {
        _requireAdmitted(to);
        _takeFromEscrow(amountFen, 0, 0);

        _escrows[to].heldFen += amountFen;
    }

    /// @inheritdoc ICredit
    function takeBack(uint64 amountFen) external {
        if (_pool.dueFen != 0) revert ShoppersFirst(_pool.dueFen);
        _takeFromEscrow(0, amountFen, 0);
        _moveToShoppers(0, amountFen);
    }

    // --- members ---

    /// @inheritdoc ICredit
    function collect(uint32 member) external {
        _collect(member);
    }

    /// @inheritdoc ICredit
    // slither-disable-next-line reentrancy-no-eth // whom it calls: see _collect
    function transfer(uint32 to, uint64 amountFen, string calldata memo) external {
        uint32 from = members.requireMayAct(msg.sender, Role.TREASURY, msg.sig);
        Standing standing = members.get(to).standing;
        if (standing != Standing.Active) revert IMembers.MemberNotActive(to, standing);
        _collectToSpend(from, amountFen);

        _accounts[from].collectedFen -= amountFen;

        emit CreditTransferred(from, to, amountFen, memo);

        _credit(to, amountFen);
    }

    /// @inheritdoc ICredit
    // slither-disable-next-line reentrancy-no-eth // whom it calls: see _collect
    function withdraw(uint64 amountFen, bytes32 reference_) external returns (uint64 withdrawal) {
        uint32 member = members.requireTreasurer(msg.sender);
        withdrawal = _withdrawalOf[member][reference_];
        if (withdrawal != 0) {
            if (_withdrawals[withdrawal].amountFen != amountFen) revert ReferenceReused(member, reference_);
            return withdrawal;
        }
        _collectToSpend(member, amountFen);

        withdrawal = ++_withdrawalCount;
        _withdrawalOf[member][reference_] = withdrawal;
        _withdrawals[withdrawal] = Withdrawal({amountFen: amountFen, member: member, state: WithdrawalState.Requested});
        _accounts[member].collectedFen -= amountFen;
        _accounts[member].inTransitFen += amountFen;

        emit WithdrawalRequested(withdrawal, member, amountFen);
    }

    /// @inheritdoc ICredit
    // slither-disable-next-line reentrancy-no-eth // whom it calls: see _collect
    function payIntoFund(uint64 amountFen) external {
        uint32 member = members.requireMayAct(msg.sender, Role.TREASURY, msg.sig);
        _collectToSpend(member, amountFen);

        _accounts[member].collectedFen -= amountFen;
        uint64 forShoppersFen = _toShoppersOrFund(amountFen);

        emit FundPaidIn(member, amountFen, forShoppersFen);
    }

    // --- the bank ---

    /// @inheritdoc ICredit
    function bookWithdrawals(uint64[] calldata withdrawals, string calldata bankReference) external onlyBank {
        for (uint256 i = 0; i < withdrawals.length; ++i) {
            (uint32 member, uint64 amountFen) = _close(withdrawals[i], WithdrawalState.Booked);
            _pool.supplyFen -= amountFen;

            emit WithdrawalBooked(withdrawals[i], member, amountFen, bankReference);
        }
    }

    /// @inheritdoc ICredit
    function returnWithdrawal(uint64 withdrawal, string calldata reason) external onlyBank {
        bool booked = _withdrawals[withdrawal].state == WithdrawalState.Booked;
        (uint32 member, uint64 amountFen) = booked ? _reopen(withdrawal) : _close(withdrawal, WithdrawalState.Returned);

        emit WithdrawalReturned(withdrawal, member, amountFen, booked, reason);

        _credit(member, amountFen);
    }

    /// @inheritdoc ICredit
    function bookRefunds(RefundPayment[] calldata payments, string calldata bankReference) external onlyBank {
        for (uint256 i = 0; i < payments.length; ++i) {
            RefundPayment calldata payment = payments[i];
            uint64 amountFen = payment.amountFen;
            if (amountFen == 0) revert ZeroAmount();
            if (_booked[payment.order][payment.number] != 0) revert RefundIsBooked(payment.order, payment.number);
            Pool memory pool = _pool;
            if (amountFen > pool.toShoppersFen) revert NotEnoughInTransit(pool.toShoppersFen, amountFen);

            _booked[payment.order][payment.number] = amountFen;
            (_pool.toShoppersFen, _pool.supplyFen) = (pool.toShoppersFen - amountFen, pool.supplyFen - amountFen);

            emit RefundBooked(payment.order, payment.number, amountFen, bankReference);
        }
    }

    /// @inheritdoc ICredit
    function returnRefund(RefundPayment calldata payment, string calldata reason) external onlyBank {
        uint64 amountFen = _booked[payment.order][payment.number];
        if (amountFen == 0 || amountFen != payment.amountFen) revert RefundIsNotBooked(payment.order, payment.number);

        delete _booked[payment.order][payment.number];
        _pool.toShoppersFen += amountFen;
        _pool.supplyFen += amountFen;

        emit RefundReturned(payment.order, payment.number, amountFen, reason);
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
    function payFromFund(uint32 to, uint64 amountFen, string calldata reason) external onlyGovernor {
        _requireKnown(to);
        if (amountFen == 0) revert ZeroAmount();
        if (amountFen > _pool.fundFen) revert NotEnoughInFund(_pool.fundFen, amountFen);

        _pool.fundFen -= amountFen;

        emit FundPaidOut(to, amountFen, reason);

        _credit(to, amountFen);
    }

    /// @inheritdoc ICredit
    function admitEscrow(address escrow) external onlyGovernor {
        if (escrow.code.length == 0) revert IGoverned.NotAContract(escrow);
        // One that does not answer would stop everybody's collecting, for good.
        // slither-disable-next-line unused-return
        try IEarnings(escrow).earnedFen(0) {}
        catch {
            revert IsNoEscrow(escrow);
        }

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
    function availableFen(uint32 member) external view returns (uint64 fen) {
        fen = _accounts[member].collectedFen;
        for (uint256 i = 0; i < _escrowList.length; ++i) {
            fen += IEarnings(_escrowList[i]).earnedFen(member);
        }
    }

    /// @inheritdoc ICredit
    function collectedFen(uint32 member) external view returns (uint64) {
        return _accounts[member].collectedFen;
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

    /// @inheritdoc ICredit
    function supplyFen() external view returns (uint64) {
        return _pool.supplyFen;
    }

    /// @inheritdoc ICredit
    function fundFen() external view returns (uint64) {
        return _pool.fundFen;
    }

    /// @inheritdoc ICredit
    function toShoppersFen() external view returns (uint64) {
        return _pool.toShoppersFen;
    }

    /// @inheritdoc ICredit
    function dueFen() external view returns (uint64) {
        return _pool.dueFen;
    }

    // --- what moves ---

    /// @dev From every escrow contract that was ever admitted: they are few, and ours. One that called back would find
    ///      nothing to gain: whatever is changed after the call is read after it, and none gives more than it holds.
    // slither-disable-next-line reentrancy-no-eth
    function _collect(uint32 member) private {
        uint64 sumFen = 0;
        for (uint256 i = 0; i < _escrowList.length; ++i) {
            address at = _escrowList[i];
            uint64 fen = IEarnings(at).giveEarned(member);
            if (fen == 0) continue;
            EscrowAccount storage escrow = _escrows[at];
            if (fen > escrow.heldFen) revert EscrowHoldsLess(at, escrow.heldFen, fen);
            (escrow.heldFen, escrow.collectedFen) = (escrow.heldFen - fen, escrow.collectedFen + fen);
            sumFen += fen;
        }
        if (sumFen > 0) _credit(member, sumFen);
    }

    /// @dev Whoever owes pays first, from what comes.
    function _credit(uint32 member, uint64 amountFen) private {
        if (_accounts[member].owes) amountFen -= _payDebt(member, amountFen);
        _accounts[member].collectedFen += amountFen;
    }

    function _payDebt(uint32 member, uint64 amountFen) private returns (uint64 paidFen) {
        uint64 owed = owedFen[member];
        paidFen = amountFen < owed ? amountFen : owed;
        owedFen[member] = owed - paidFen;
        if (owed == paidFen) _accounts[member].owes = false;
        uint64 forShoppersFen = _toShoppersOrFund(paidFen);

        emit DebtPaid(member, paidFen, forShoppersFen);
    }

    /// @dev What is due to shoppers comes first; the guarantee fund keeps the rest.
    function _toShoppersOrFund(uint64 amountFen) private returns (uint64 forShoppersFen) {
        Pool memory pool = _pool;
        forShoppersFen = amountFen < pool.dueFen ? amountFen : pool.dueFen;
        pool.dueFen -= forShoppersFen;
        pool.toShoppersFen += forShoppersFen;
        pool.fundFen += amountFen - forShoppersFen;
        _pool = pool;
    }

    /// @dev The caller's whole slot at once: most refunds come out of what an escrow contract holds.
    function _takeFromEscrow(uint256 fromHeld, uint256 toHeld, uint256 takenFen) private {
        EscrowAccount storage escrow = _escrows[msg.sender];
        uint256 slot;
        assembly ("memory-safe") {
            slot := sload(escrow.slot)
        }
        if (slot >> 128 == uint256(EscrowState.None)) revert NotEscrow(msg.sender);
        unchecked {
            (uint256 held, uint256 collected) = (uint64(slot) + toHeld, uint64(slot >> 64));
            if (fromHeld > held) revert EscrowHoldsLess(msg.sender, uint64(held), uint64(fromHeld));
            if (takenFen > collected) revert EscrowGaveLess(msg.sender, uint64(collected), uint64(takenFen));
            // Each part stays within its 64 bits: what is held is no more than the supply.
            slot = slot + toHeld - fromHeld - (takenFen << 64);
        }
        assembly ("memory-safe") {
            sstore(escrow.slot, slot)
        }
    }

    /// @dev `lessFen` is what of it does not go there.
    function _moveToShoppers(uint256 movedFen, uint256 lessFen) private {
        Pool storage pool = _pool;
        uint256 slot;
        assembly ("memory-safe") {
            slot := sload(pool.slot)
        }
        unchecked {
            uint256 inTransit = uint64(slot >> 128) + movedFen;
            if (lessFen > inTransit) revert NotEnoughInTransit(uint64(inTransit), uint64(lessFen));
            slot += movedFen - lessFen << 128; // its 64 bits hold it: it is no more than the supply
        }
        assembly ("memory-safe") {
            sstore(pool.slot, slot)
        }
    }

    /// @return uncoveredFen what neither the payee nor the guarantee fund has.
    function _debit(uint32 member, uint64 amountFen) private returns (uint64 uncoveredFen) {
        Account storage account = _accounts[member];
        uint64 collected = account.collectedFen;
        if (amountFen <= collected) {
            account.collectedFen = collected - amountFen;
            return 0;
        }

        account.collectedFen = 0;
        return _cover(member, amountFen - collected);
    }

    /// @dev The fund first; what it has not is due. The member owes both.
    function _cover(uint32 member, uint64 shortFen) private returns (uint64 uncoveredFen) {
        Pool memory pool = _pool;
        uint64 fromFundFen = shortFen < pool.fundFen ? shortFen : pool.fundFen;
        pool.fundFen -= fromFundFen;
        uncoveredFen = shortFen - fromFundFen;
        pool.dueFen += uncoveredFen;
        _pool = pool;
        owedFen[member] += shortFen;
        _accounts[member].owes = true;

        emit RefundUncovered(member, fromFundFen, uncoveredFen);
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

    function _requireAdmitted(address escrow) private view {
        EscrowState state = _escrows[escrow].state;
        if (state == EscrowState.None) revert NotEscrow(escrow);
        if (state == EscrowState.Retired) revert EscrowIsRetired(escrow);
    }

    function _requireKnown(uint32 member) private view {
        // It reverts for an unknown member; nothing else of it matters.
        // slither-disable-next-line unused-return
        members.get(member);
    }

    /// @dev Before anything is spent, what was earned is collected.
    function _collectToSpend(uint32 member, uint64 amountFen) private {
        if (amountFen == 0) revert ZeroAmount();
        if (_accounts[member].frozen) revert AccountIsFrozen(member);
        _collect(member);
        uint64 collected = _accounts[member].collectedFen;
        if (collected < amountFen) revert NotEnoughCredit(member, collected, amountFen);
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

    /// @dev What was burned is there again, for what came back to the bank.
    function _reopen(uint64 id) private returns (uint32 member, uint64 amountFen) {
        Withdrawal storage withdrawal = _withdrawals[id];
        (member, amountFen) = (withdrawal.member, withdrawal.amountFen);

        withdrawal.state = WithdrawalState.Returned;
        _pool.supplyFen += amountFen;
    }
}
