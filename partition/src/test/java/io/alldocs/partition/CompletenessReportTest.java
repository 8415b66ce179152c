package io.alldocs.partition;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.alldocs.cache.Cache;
import io.alldocs.cache.PartitionCheckpoint;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CompletenessReportTest {
    private static final URI ORIGIN = URI.create("http://127.0.0.1:5984/registry");
    private static final OriginInfo BEFORE = new OriginInfo("registry", 30, Sequence.of(100));
    private static final OriginInfo AFTER = new OriginInfo("registry", 31, Sequence.of(110));
    private static final ChangesSummary REPLAY = new ChangesSummary(Sequence.of(100), Sequence.of(110), 1, 4, 1);

    private final Cache cache = Cache.builder().build();

    @AfterEach
    void close() {
        cache.close();
    }

    private PartitionCheckpoint checkpoint(List<Partition> plan) {
        PartitionCheckpoint checkpoint = new PartitionCheckpoint(cache, "set");
        checkpoint.recordPartitions(new PartitionCheckpoint.Header(
                "run",
                Instant.EPOCH,
                ORIGIN.toString(),
                "full",
                Sequence.of(100).toJson(),
                plan.stream().map(partition -> partition.key(ORIGIN)).toList()));
        return checkpoint;
    }

    private static void complete(PartitionCheckpoint checkpoint, int index, long rows) {
        checkpoint.markComplete(index, Map.of("rows", rows, "designDocuments", 1L, "pages", 2L));
    }

    private CompletenessReport.Builder whole() {
        PartitionCheckpoint checkpoint = checkpoint(Partition.fromPivots("b").partitions());
        complete(checkpoint, 0, 10);
        complete(checkpoint, 1, 20);
        return CompletenessReport.builder(ORIGIN.toString(), Partition.all())
                .walked(checkpoint)
                .before(BEFORE)
                .after(AFTER)
                .replayed(REPLAY)
                .outcomes(31, Map.of("ok", 30L, "not_found", 1L));
    }

    @Test
    void build_everythingLearnt_isComplete() {
        CompletenessReport report = whole().build();

        assertThat(report.problems()).isEmpty();
        assertThat(report.complete()).isTrue();
        assertThat(report.names()).isEqualTo(30);
        assertThat(report.designDocuments()).isEqualTo(2);
        assertThat(report.pages()).isEqualTo(4);
        assertThat(report.drift()).hasValue(2);
    }

    @Test
    void toJson_report_hasItAll() throws Exception {
        JsonNode json = Json.MAPPER.readTree(whole().build().toJson().toString());

        assertThat(json).isEqualTo(Json.MAPPER.readTree("""
                        {"complete":true,"origin":"http://127.0.0.1:5984/registry","range":{"startKey":null,"endKey":null},
                         "partitions":2,"completePartitions":2,"pages":4,"names":30,"designDocuments":2,
                         "docCountBefore":30,"docCountAfter":31,"drift":2,"sequenceBefore":100,"sequenceAfter":110,"changes":4,
                         "outcomes":{"not_found":1,"ok":30},"problems":[]}"""));
    }

    @Test
    void build_walkNotEnded_isNotComplete() {
        PartitionCheckpoint checkpoint =
                checkpoint(Partition.fromPivots("b", "c").partitions());
        complete(checkpoint, 0, 10);
        checkpoint.markFailed(1, "cut off");

        CompletenessReport report = CompletenessReport.builder(ORIGIN.toString(), Partition.all())
                .walked(checkpoint)
                .replayed(REPLAY)
                .build();

        assertThat(report.problems())
                .containsExactly("Partition [b-c] is failed.", "Partition [c-null] is not finished.");
        assertThat(report.complete()).isFalse();
        assertThat(report.toJson().path("complete").asBoolean()).isFalse();
    }

    @Test
    void build_gapOrOtherRange_isNotComplete() {
        PartitionCheckpoint gap = checkpoint(List.of(Partition.until("a"), Partition.from("b")));
        complete(gap, 0, 1);
        complete(gap, 1, 1);

        assertThat(CompletenessReport.builder(ORIGIN.toString(), Partition.all())
                        .walked(gap)
                        .replayed(REPLAY)
                        .build()
                        .problems())
                .singleElement()
                .asString()
                .contains("leave a gap");
        assertThat(CompletenessReport.builder(ORIGIN.toString(), Partition.until("m"))
                        .walked(gap)
                        .replayed(REPLAY)
                        .build()
                        .complete())
                .isFalse();
    }

    @Test
    void build_feedNotReplayedFromBeforeTheWalk_isNotComplete() {
        PartitionCheckpoint checkpoint = checkpoint(List.of(Partition.all()));
        complete(checkpoint, 0, 1);
        CompletenessReport.Builder notReplayed =
                CompletenessReport.builder(ORIGIN.toString(), Partition.all()).walked(checkpoint);

        assertThat(notReplayed.build().problems()).containsExactly("The feed was not replayed from sequence 100.");
        assertThat(notReplayed
                        .replayed(new ChangesSummary(Sequence.of(101), Sequence.of(110), 1, 1, 0))
                        .build()
                        .problems())
                .containsExactly("The feed was replayed from 101, after the walk's sequence 100.");
    }

    @Test
    void build_namesWithoutOutcome_isNotComplete() {
        assertThat(whole().outcomes(40, Map.of("ok", 30L)).build().problems())
                .containsExactly("10 of 40 names have no outcome.");
        assertThat(whole().problem("3 packuments failed.").build().complete()).isFalse();
    }

    @Test
    void build_nothingWalked_isNotComplete() {
        assertThat(CompletenessReport.builder(ORIGIN.toString(), Partition.all())
                        .build()
                        .complete())
                .isFalse();
    }
}
