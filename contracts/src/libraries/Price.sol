// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

import {CampaignKind, CampaignTerms, ICampaigns} from "../interfaces/ICampaigns.sol";
import {Split} from "./Split.sol";

/// @title Price: what a campaign takes off (ledger/settle/price.py is the same in Python)
/// @notice Every division rounds down. Products need 100 bits at most.
library Price {
    uint256 private constant WHOLE_BPS = 10_000;

    /// @notice Reverts BadTerms with the name of the first term that makes no sense.
    function checkTerms(CampaignTerms calldata terms) internal view {
        bool commission = terms.kind == CampaignKind.Commission;
        if (terms.rank == 0) revert ICampaigns.BadTerms("rank");
        if (terms.budgetFen == 0 || terms.budgetFen > Split.MOST_FEN) revert ICampaigns.BadTerms("budgetFen");
        if ((terms.valueFen == 0) == (terms.bps == 0) || terms.valueFen > Split.MOST_FEN) {
            revert ICampaigns.BadTerms("valueFen");
        }
        if (terms.bps > WHOLE_BPS) revert ICampaigns.BadTerms("bps");
        if (terms.capFen > Split.MOST_FEN) revert ICampaigns.BadTerms("capFen");
        if (terms.sponsorBps > WHOLE_BPS || (commission && terms.sponsorBps != WHOLE_BPS)) {
            revert ICampaigns.BadTerms("sponsorBps");
        }
        if ((terms.kind == CampaignKind.Threshold) != (terms.thresholdFen != 0)) {
            revert ICampaigns.BadTerms("thresholdFen");
        }
        if (terms.repeats && (terms.thresholdFen == 0 || terms.valueFen == 0)) revert ICampaigns.BadTerms("repeats");
        if (commission != (terms.payee != 0)) revert ICampaigns.BadTerms("payee");
        if (terms.holdSeconds == 0) revert ICampaigns.BadTerms("holdSeconds");
        if (terms.ends <= terms.starts || terms.ends <= block.timestamp) revert ICampaigns.BadTerms("ends");
    }

    /// @notice What a coupon or a threshold takes off this price: at least one fen remains to pay. 0 below the threshold,
    ///         and for a commission.
    function offFen(CampaignTerms memory terms, uint256 priceFen) internal pure returns (uint256 fen) {
        unchecked {
            if (priceFen == 0 || terms.kind == CampaignKind.Commission || priceFen < terms.thresholdFen) return 0;
            uint256 times = terms.repeats ? priceFen / terms.thresholdFen : 1;
            fen = terms.bps != 0 ? priceFen * terms.bps / WHOLE_BPS : terms.valueFen * times;
            if (terms.capFen != 0 && fen > terms.capFen) fen = terms.capFen;
            if (fen >= priceFen) fen = priceFen - 1;
        }
    }

    /// @notice What of it the sponsor bears; the merchant's part is rounded down.
    function sponsorFen(CampaignTerms memory terms, uint256 off) internal pure returns (uint256) {
        unchecked {
            return off - off * (WHOLE_BPS - terms.sponsorBps) / WHOLE_BPS;
        }
    }

    /// @notice What a commission gives for what remains of an order; 0 for other kinds, and when nothing remains.
    function commissionFen(CampaignTerms memory terms, uint256 restFen) internal pure returns (uint256 fen) {
        unchecked {
            if (terms.kind != CampaignKind.Commission || restFen == 0) return 0;
            fen = terms.bps != 0 ? restFen * terms.bps / WHOLE_BPS : terms.valueFen;
            if (terms.capFen != 0 && fen > terms.capFen) fen = terms.capFen;
        }
    }

    /// @notice What of refunds of `refundedFen` together the shopper gets, who paid `shopperFen` of `amountFen`; it only grows
    ///         with the refunds, and so does the rest.
    function shopperBackFen(uint256 refundedFen, uint256 shopperFen, uint256 amountFen)
        internal
        pure
        returns (uint256)
    {
        unchecked {
            return refundedFen * shopperFen / amountFen;
        }
    }
}
