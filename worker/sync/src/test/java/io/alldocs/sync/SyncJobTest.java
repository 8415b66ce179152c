package io.alldocs.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.alldocs.cache.JsonTree;
import io.alldocs.packument.NameFilter;
import io.alldocs.partition.Partition;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SyncJobTest {
    @Test
    void json_ofAJob_isReadBack() {
        SyncJob job = SyncJob.builder()
                .origin(URI.create("http://127.0.0.1:5984/registry"))
                .registry(URI.create("http://127.0.0.1:4873"))
                .form(SyncForm.ABBREVIATED)
                .range(Partition.of("a", "é"))
                .filter(NameFilter.of(List.of("@types/*", "react"), List.of("*-loader")))
                .deletions(DeletionPolicy.DELETE)
                .build();

        SyncJob read = SyncJob.of(job.toJson());

        assertThat(read.id()).isEqualTo(job.id());
        assertThat(read.toJson()).isEqualTo(job.toJson());
        assertThat(read.filter().fingerprint()).isEqualTo(job.filter().fingerprint());
        assertThat(read.deletions()).isEqualTo(DeletionPolicy.DELETE);
    }

    @Test
    void of_anEmptyObject_isAllOfNpm() {
        SyncJob job = SyncJob.of(JsonTree.of(Map.of()));

        assertThat(job.id()).isEqualTo(SyncJob.builder().build().id());
        assertThat(job.registry()).isEqualTo(SyncJob.NPM_REGISTRY);
    }

    /** The program at a526a35 stored a job's records under this id. */
    @Test
    void id_ofAllOfAnOrigin_isWhatItWas() {
        URI address = URI.create("http://registry.test:8123");

        assertThat(SyncJob.builder().origin(address).registry(address).build().id())
                .isEqualTo("bootstrap-417e5010e19f37bb");
    }

    @Test
    void json_ofAListOfNames_isRefused(@TempDir Path folder) throws Exception {
        NameList names = NameList.open(Files.writeString(folder.resolve("names.txt"), "express\n"), "names.txt");
        SyncJob job = SyncJob.builder().names(names).build();

        assertThatThrownBy(job::toJson)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("names.txt");
    }

    @Test
    void build_ofContradictions_isRefused(@TempDir Path folder) throws Exception {
        NameList names = NameList.open(Files.writeString(folder.resolve("names.txt"), "express\n"), "names.txt");

        assertThatThrownBy(() -> SyncJob.builder().withoutOrigin().build())
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> SyncJob.builder()
                        .names(names)
                        .range(Partition.of("a", "b"))
                        .build())
                .hasMessageContaining("both a list of names and a range");
        assertThatThrownBy(() ->
                        SyncJob.builder().names(names).form(SyncForm.NAMES).build())
                .hasMessageContaining("must fetch packuments");
    }
}
