//! Which cases there are.

/// Makes one test of each case of the [suite](crate::store::conformance), for a store of yours.
///
/// It takes an expression for a [`Testbed`](crate::store::conformance::Testbed), which each test
/// evaluates anew, and which may `.await`; before it, one attribute for each test.
///
/// ```rust
/// # fn main() {}
/// use rocket_restricted_session::store::conformance::{conformance_tests, CallersTime};
/// use rocket_restricted_session::store::MemoryStore;
///
/// conformance_tests!(CallersTime::of(MemoryStore::new()));
///
/// mod on_a_server {
/// #   use super::{conformance_tests, CallersTime, MemoryStore};
///     conformance_tests!(#[ignore = "needs a server"] CallersTime::of(MemoryStore::new()));
/// }
/// ```
#[macro_export]
macro_rules! conformance_tests {
    (#$attribute:tt $testbed:expr) => {
        $crate::conformance_tests! { @all [#$attribute] $testbed }
    };
    ($testbed:expr) => {
        $crate::conformance_tests! { @all [] $testbed }
    };
    (@all $attributes:tt $testbed:expr) => {
        $crate::conformance_tests! { @each $attributes $testbed;
            r01_rejected_never_claims
            r02_discarding_thief
            r10_update_gives_no_cookie
            r15_grace_never_slides
            r16_replay_kills_both
            r20_ninth_sibling
            a_replay_may_only_be_refused
            a_superseded_token_is_a_replay_even_of_an_idle_session
            a_token_of_two_successions_ago_is_a_replay
            without_rotation_nothing_is_handed_out
            r03_lost_successor
            r04_late_sibling
            r05_sibling_in_flight
            r07_no_same_token_cookie
            r12_late_cookie_dropped
            r14_parallel_burst
            a_successor_used_in_parallel_succeeds_once
            r18_retried_claim
            r19_long_poll_only
            rotation_goes_on
            r08_reauth_joins
            r09_reauth_after_succession
            a_reauthentication_is_a_succession
            a_reauthentication_is_a_claim
            a_retried_reauthentication_is_the_same
            parallel_reauthentications_join
            what_is_over_is_not_reauthenticated
            r06_store_behind
            a_store_may_be_behind_by_a_sibling
            r13_adoption_in_flight
            an_adopted_session_goes_on
            a_ticket_that_is_not_adoptable_is_unknown
            an_ended_session_is_not_adopted_again
            nothing_is_adopted_after_end_all
            none_is_adopted_beyond_the_limit
            a_session_is_adopted_once
            the_session_limit_is_exact
            the_oldest_session_goes
            a_session_takes_the_place_of_the_one_that_it_replaces
            ended_sessions_do_not_count
            idle_sessions_do_not_count
            expired_sessions_do_not_count
            sessions_of_an_older_epoch_do_not_count
            without_a_limit_no_session_goes
            subjects_do_not_disturb_each_other
            a_session_expires
            r17_ended_stays_ended
            an_end_wins_every_race
            a_session_ends_once
            the_first_reason_stands
            a_revocation_overrides_other_reasons
            an_end_is_remembered
            an_unknown_session_is_never_made
            end_all_ends_all
            end_all_spares_the_excepted
            an_exception_revives_nothing
            r11_epoch_not_time
            an_epoch_is_remembered
            parallel_end_alls_agree
            data_is_given_to_tickets_that_lack_it
            data_outlives_a_succession
            a_retried_update_counts_once
            parallel_updates_are_all_counted
            large_data_survives
            an_update_revives_nothing
            the_list_tells_of_each_live_session
            the_list_has_no_session_that_is_over
            labels_of_any_kind_survive
            to_ask_about_a_session_is_not_to_use_it
            idle_is_final
            a_session_in_use_never_goes_idle
            use_is_noted_now_and_then
            a_reauthentication_is_noted
            the_first_device_wins
            one_of_many_devices_wins
            a_binding_has_its_grace
            a_request_without_the_device_touches_nothing
            where_no_device_is_needed_none_is
            a_challenge_is_good_for_once
            one_of_many_proofs_counts
            a_binding_outlives_successions
            a_replay_of_an_idle_session_needs_no_bound_cookie
            without_a_device_nothing_is_proved
            the_testbed_moves_the_stores_time
            a_clock_that_goes_back_harms_nobody
            clocks_may_differ
        }
    };
    (@each $attributes:tt $testbed:expr; $($case:ident)+) => {
        $($crate::conformance_tests! { @one $attributes $testbed; $case })+
    };
    (@one [$($attributes:tt)*] $testbed:expr; $case:ident) => {
        #[test]
        $($attributes)*
        fn $case() {
            use $crate::store::conformance;
            conformance::run(async {
                conformance::$case(conformance::Scene::on($testbed)).await
            })
        }
    };
}

#[cfg(test)]
mod tests {
    /// Else a case that nobody listed would prove nothing.
    #[test]
    fn every_case_is_listed() {
        let list = include_str!("list.rs");
        let sources = [
            include_str!("adopting.rs"),
            include_str!("clocks.rs"),
            include_str!("creating.rs"),
            include_str!("devices.rs"),
            include_str!("ending.rs"),
            include_str!("lateness.rs"),
            include_str!("listing.rs"),
            include_str!("succeeding.rs"),
            include_str!("theft.rs"),
            include_str!("updating.rs"),
        ];
        let cases = sources.iter().flat_map(|source| source.lines());
        let cases = cases.filter_map(|line| line.strip_prefix("pub async fn "));
        let mut count = 0;
        for case in cases.filter_map(|line| line.split('(').next()) {
            assert!(list.lines().any(|line| line.trim() == case), "{case}");
            count += 1;
        }
        assert!(count > 60, "{count}");
    }
}
