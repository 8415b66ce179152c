package io.alldocs.worker.internal.jobs;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.alldocs.cache.CacheMode;
import io.alldocs.cache.RequestOptions;
import io.alldocs.cache.entry.EntrySource;
import io.alldocs.http.RequestException;
import io.alldocs.packument.NameFilter;
import io.alldocs.packument.Outcome;
import io.alldocs.packument.PackageName;
import io.alldocs.packument.PackumentClient;
import io.alldocs.packument.PackumentResult;
import io.alldocs.worker.WorkException;
import io.alldocs.worker.WorkItem;
import io.alldocs.worker.WorkResult;
import io.alldocs.worker.internal.context.ItemContext;
import io.alldocs.worker.internal.context.ItemProcessor;
import io.alldocs.worker.internal.context.Payload;
import io.alldocs.worker.internal.lease.FailureDecision;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * {@code packument}: fetches and stores one packument or a batch of them. Names that are already stored are not
 * requested again, so a retry of a batch requests only those that failed.
 *
 * <p>Payload: {@code packageName} or {@code name}, or {@code names} (at most {@value #MAX_BATCH}). An item of a set
 * that an earlier version planned also resumes the set.
 */
public final class PackumentProcessor implements ItemProcessor {
    public static final String TYPE = "packument";
    /**
     * Reported instead of an outcome for names whose scope has another registry. Such names must not be requested from
     * the set's registry.
     */
    static final String OTHER_REGISTRY = "other_registry";

    static final int MAX_BATCH = 500;

    private static final RequestOptions STORED_OR_ASKED = RequestOptions.of(CacheMode.FORCE_CACHE);

    /** Nothing needs to be read from the cache for names that are not stored. */
    private static final RequestOptions UNREAD = RequestOptions.of(CacheMode.RELOAD);

    @Override
    public String type() {
        return TYPE;
    }

    @Override
    public WorkResult process(WorkItem item, ItemContext context) {
        Payload payload = new Payload(item);
        boolean isOfEarlierSet = payload.has("set");
        List<String> names = names(payload);
        if (isOfEarlierSet) {
            EarlierSets.resume(payload.text("set"), true, item.priority(), context);
        }
        Fetch fetch = new Fetch(isOfEarlierSet);
        PackumentClient client = context.packuments();
        NameFilter here = NameFilter.ALL.excludingScopes(client.scopesWithOwnRegistry());
        List<String> wanted =
                isOfEarlierSet ? names.stream().filter(here::allows).toList() : names;
        fetch.count(OTHER_REGISTRY, names.size() - wanted.size());
        Set<String> absent = client.absent(wanted);
        client.requestAll(
                wanted, name -> absent.contains(name) ? UNREAD : STORED_OR_ASKED, fetch::answered, fetch::failed);
        List<String> malformed = fetch.takeMalformed();
        client.requestAll(malformed, UNREAD, fetch::answered, fetch::failed);
        fetch.requireAll(names.size());
        return WorkResult.of(names.size(), fetch.details());
    }

    private static List<String> names(Payload payload) {
        for (String member : List.of("name", "packageName")) {
            if (payload.has(member)) {
                return List.of(payload.text(member));
            }
        }
        if (!payload.has("names")) {
            throw payload.incomplete("packageName, name or names");
        }
        return payload.texts("names", MAX_BATCH);
    }

    /** The outcomes of the names of one item; updated by one thread at a time. */
    private static final class Fetch {
        /**
         * Whether names that a feed lists but that cannot be requested are ignored when deciding if a set is complete.
         */
        private final boolean mayBeUnaskable;

        private final Map<String, Integer> outcomes = new TreeMap<>();
        private final List<String> malformed = new ArrayList<>();
        private int failures;
        private boolean retryable;
        private Duration after = Duration.ZERO;
        private String first = "";

        Fetch(boolean mayBeUnaskable) {
            this.mayBeUnaskable = mayBeUnaskable;
        }

        /**
         * Returns the names whose stored outcome is malformed. An earlier item may have received the page of a login
         * portal instead of a packument.
         */
        List<String> takeMalformed() {
            List<String> taken = List.copyOf(malformed);
            malformed.clear();
            return taken;
        }

        void answered(PackumentResult result) {
            if (result.outcome() == Outcome.MALFORMED && result.source() == EntrySource.HIT) {
                malformed.add(result.name());
                return;
            }
            count(result.outcome().name().toLowerCase(Locale.ROOT), 1);
        }

        void failed(String name, RuntimeException error) {
            if (mayBeUnaskable && !PackageName.isName(name)) {
                count("unaskable", 1);
                return;
            }
            failures++;
            if (first.isEmpty()) {
                first = name + ": " + FailureDecision.reason(error);
            }
            FailureDecision decision = FailureDecision.of(error);
            retryable |= decision.action() != FailureDecision.Action.DEAD_LETTER;
            if (error instanceof RequestException request) {
                request.retryAfter().filter(wait -> wait.compareTo(after) > 0).ifPresent(wait -> after = wait);
            }
        }

        void count(String outcome, int names) {
            if (names > 0) {
                outcomes.merge(outcome, names, Integer::sum);
            }
        }

        void requireAll(int names) {
            if (failures == 0) {
                return;
            }
            String message = failures + " of " + names + " names failed; first failure: " + first;
            throw retryable ? WorkException.temporary(message, after, null) : WorkException.permanent(message, null);
        }

        ObjectNode details() {
            ObjectNode details = JsonNodeFactory.instance.objectNode();
            outcomes.forEach(details::put);
            return details;
        }
    }
}
