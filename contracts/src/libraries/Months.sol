// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.28;

/// @title Months: which calendar month a time falls in, at UTC+8 (ledger/settle/months.py is the same in Python)
library Months {
    uint256 private constant OFFSET = 8 hours;
    /// @dev Days from 1 March of the year 0 to 1 January 1970 (proleptic Gregorian calendar).
    uint256 private constant DAYS_TO_1970 = 719_468;
    uint256 private constant DAYS_IN_400_YEARS = 146_097;

    /// @notice Months since March of the year 0. Years are counted from March, so that the day of a leap year is their last.
    // Rounding down is what counts whole years and months.
    // slither-disable-next-line divide-before-multiply
    function at(uint256 timestamp) internal pure returns (uint256 month) {
        uint256 day = (timestamp + OFFSET) / 1 days + DAYS_TO_1970;
        uint256 ofCycle = day % DAYS_IN_400_YEARS;
        // Each term takes out the leap days that came before: every 4 years, but for every 100, and again every 400.
        uint256 year = (ofCycle - ofCycle / 1460 + ofCycle / 36_524 - ofCycle / 146_096) / 365;
        uint256 ofYear = ofCycle - (365 * year + year / 4 - year / 100);
        // From March, five months have 153 days: 31, 30, 31, 30, 31.
        return (day / DAYS_IN_400_YEARS * 400 + year) * 12 + (5 * ofYear + 2) / 153;
    }
}
