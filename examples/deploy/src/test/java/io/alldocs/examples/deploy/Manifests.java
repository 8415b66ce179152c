package io.alldocs.examples.deploy;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.batch.v1.CronJob;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Reads Kubernetes manifests into the types of the API server. An unknown or repeated field is an error. */
final class Manifests {
    private static final Map<String, Class<? extends HasMetadata>> TYPES = Stream.of(
                    ConfigMap.class,
                    CronJob.class,
                    Deployment.class,
                    Job.class,
                    PersistentVolumeClaim.class,
                    PodDisruptionBudget.class,
                    Service.class,
                    StatefulSet.class)
            .collect(Collectors.toMap(
                    type -> HasMetadata.getApiVersion(type) + " " + HasMetadata.getKind(type), Function.identity()));

    private static final YAMLMapper YAML = YAMLMapper.builder()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .annotationIntrospector(new JacksonAnnotationIntrospector() {
                /**
                 * Disables the map in which the types store unknown fields, because the map would hide a misspelled
                 * field.
                 */
                @Override
                public Boolean hasAnySetter(Annotated annotated) {
                    return false;
                }
            })
            .build();

    private Manifests() {}

    /**
     * Returns the resources of a file in their order.
     *
     * @throws IOException if the file is not valid YAML, or has a field that its type does not have
     */
    static List<HasMetadata> read(String yaml) throws IOException {
        List<HasMetadata> resources = new ArrayList<>();
        try (MappingIterator<JsonNode> documents =
                YAML.readerFor(JsonNode.class).readValues(yaml)) {
            while (documents.hasNextValue()) {
                JsonNode document = documents.nextValue();
                String type = document.path("apiVersion").asText() + " "
                        + document.path("kind").asText();
                Class<? extends HasMetadata> known = TYPES.get(type);
                if (known == null) {
                    throw new IOException("Unknown apiVersion and kind: " + type);
                }
                resources.add(YAML.treeToValue(document, known));
            }
        }
        return resources;
    }

    /** Returns the template of the pods that a resource starts; empty if it starts none. */
    static Optional<PodTemplateSpec> template(HasMetadata resource) {
        if (resource instanceof Deployment deployment) {
            return Optional.of(deployment.getSpec().getTemplate());
        } else if (resource instanceof StatefulSet set) {
            return Optional.of(set.getSpec().getTemplate());
        } else if (resource instanceof Job job) {
            return Optional.of(job.getSpec().getTemplate());
        } else if (resource instanceof CronJob job) {
            return Optional.of(job.getSpec().getJobTemplate().getSpec().getTemplate());
        }
        return Optional.empty();
    }

    static Stream<PodSpec> pods(List<HasMetadata> resources) {
        return resources.stream().flatMap(each -> template(each).stream()).map(PodTemplateSpec::getSpec);
    }
}
