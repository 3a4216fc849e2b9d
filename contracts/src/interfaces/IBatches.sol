// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

/// @title Batches: thousands of orders under one rule version, from payment to the credit of everyone they pay
/// @notice An order is (batch, position from 0); its id is the batch's id, whose last 32 bits are zero, with the position in
///         them. Its number stands in the batch's manifest, a document whose SHA-256 the batch carries. The amounts are
///         *packed*: `width` bytes each, big-endian, in the order of the positions. `amountsRoot` = keccak256 of the
///         keccak256 of each chunk of 32 orders' packed amounts.
///         What needs some orders repeats their *chunks*: for each chunk its packed amounts when an order of it is
///         marked, else its hash; checked against the root. Marks are a bitmap: position p is bit p % 256 of word p / 256.
///         An order is open until it is settled; refunded in full, or taken out to live on alone (IEscrow), it is closed.
interface IBatches {
    struct BatchTerms {
        bytes32 manifest; // SHA-256
        bytes32 amountsRoot;
        uint64 totalFen;
        uint32 rule;
        uint32 carrier;
        uint16 count; // 1 .. 4,096
        uint8 width; // 1 .. 7 bytes an amount
    }

    event BatchPlaced(
        bytes32 indexed batch,
        uint32 indexed merchant,
        bytes32 manifest,
        bytes32 amountsRoot,
        uint64 totalFen,
        uint32 rule,
        uint32 carrier,
        uint16 count,
        uint8 width
    );
    /// @notice Paid and held in escrow; its orders pin this version and its hash.
    /// @param amounts packed, of all its orders.
    event BatchPaid(
        bytes32 indexed batch, uint32 rule, uint32 version, bytes32 legsHash, string bankReference, bytes amounts
    );
    /// @param settled the orders newly delivered and settled; those marked that were settled or closed are not among them.
    /// @param totalsFen what each leg of the pinned version is credited for them together: the split is of each order.
    event BatchSettled(
        bytes32 indexed batch, uint32 indexed carrier, bytes32 evidence, uint256[] settled, uint64[] totalsFen
    );
    /// @notice Refund number 1 of each of these orders, in full. Those settled before gave back what each leg got.
    event BatchRefunded(bytes32 indexed batch, uint256[] refunded, string reason);
    /// @notice Lives on alone under its id, paid or settled as it was.
    event OrderTakenOut(bytes32 indexed batch, bytes32 indexed order, uint32 position, uint64 amountFen, bool settled);

    error BadBatch(uint16 count, uint8 width, uint64 totalFen);
    error UnknownBatch(bytes32 batch);
    error BatchIsNotPaid(bytes32 batch);
    error NotTheBatchsCarrier(bytes32 batch, uint32 member);
    error NotTheBatchsMerchant(bytes32 batch, uint32 member);
    error AmountsMismatch(bytes32 batch, bytes32 expected, bytes32 actual);
    error TotalMismatch(bytes32 batch, uint64 expectedFen, uint256 actualFen);
    /// @dev An amount is below what the rule's version serves in full, or above 9e14 fen.
    error BadAmountInBatch(bytes32 batch, uint32 position, uint256 amountFen);
    /// @dev A mark beyond the last order, or a number of words that is not that of the batch.
    error BadMarks(bytes32 batch);
    /// @dev Bytes are missing, or left over.
    error BadChunks(bytes32 batch, uint256 expectedBytes, uint256 actualBytes);
    error BatchEvidenceMissing(bytes32 batch);

    /// @notice Places a batch of orders. Caller: a merchant, under a rule of its own that is in force. A repeat is passed
    ///         over. Event: BatchPlaced, if it is new. Reverts: all of IMembers.requireMayAct; BadBatch; RuleNotInForce,
    ///         RuleOfAnotherMerchant (IEscrow); UnknownMember, MemberNotActive, MissingRole (IMembers) for the carrier.
    /// @return batch as batchId.
    function placeBatch(BatchTerms calldata terms) external returns (bytes32 batch);

    /// @notice Mints what the buyers paid together, holds it, and pins the version of the rule that is in force. Caller:
    ///         the bank member. A repeat is passed over. Events: BatchPaid; ICredit.CreditMinted. Reverts: all of
    ///         IMembers.requireMayAct; UnknownBatch; BadChunks; AmountsMismatch; BadAmountInBatch; TotalMismatch.
    /// @param amounts packed, of all its orders.
    function payBatch(bytes32 batch, bytes calldata amounts, string calldata bankReference) external;

    /// @notice Delivers and settles the marked orders that are open; others marked are passed over. Each payee is written
    ///         once. Caller: the carrier that the batch pins. Event: BatchSettled, unless none is new. Reverts: all of
    ///         IMembers.requireMayAct; UnknownBatch; BatchIsNotPaid; NotTheBatchsCarrier; BatchEvidenceMissing for zero;
    ///         BadMarks; BadChunks; AmountsMismatch; LegsMismatch (IRules).
    /// @param legs packed (IRules).
    function settleBatch(
        bytes32 batch,
        uint256[] calldata delivered,
        bytes calldata chunks,
        bytes32 evidence,
        bytes calldata legs
    ) external;

    /// @notice Refunds the marked orders in full, settled or not; closed ones are passed over. Caller: the merchant of the
    ///         batch. Event: BatchRefunded, unless none is new. Reverts: all of IMembers.requireMayAct; UnknownBatch;
    ///         BatchIsNotPaid; NotTheBatchsMerchant; BadMarks; BadChunks; AmountsMismatch; LegsMismatch (IRules).
    /// @param legs packed (IRules).
    function refundBatch(
        bytes32 batch,
        uint256[] calldata marked,
        bytes calldata chunks,
        bytes calldata legs,
        string calldata reason
    ) external;

    /// @notice Takes the marked orders out, each to live on alone, paid or settled as it is; closed ones are passed over.
    ///         Caller: the merchant of the batch. Event: OrderTakenOut, one each. Reverts: as refundBatch.
    function takeOut(bytes32 batch, uint256[] calldata marked, bytes calldata chunks) external;

    // --- reads ---

    function batchId(uint32 merchant, BatchTerms calldata terms) external pure returns (bytes32 batch);

    /// @return version of the rule, 0 until paid or for an unknown batch.
    function versionOf(bytes32 batch) external view returns (uint32 version);

    /// @return settled the settled orders, also closed ones, of positions 256 × word and on.
    /// @return closed those refunded in full or taken out.
    function marksOf(bytes32 batch, uint256 word) external view returns (uint256 settled, uint256 closed);
}
