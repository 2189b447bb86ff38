/** Messaging. Sources: docs/messaging/messaging-spans.md, kafka.md, rabbitmq.md, docs/registry/attributes/messaging.md. */
import { keyRules } from "./tables.ts";

const SYSTEMS =
  "activemq aws.sns aws_sqs eventgrid eventhubs gcp_pubsub jms kafka pulsar rabbitmq rocketmq servicebus";

export const MESSAGING_KEYS = [
  ...keyRules(
    "always",
    `
    messaging.system                            string   producer! consumer! receive! log point resource = ${SYSTEMS}
    messaging.destination.name                  string   producer! consumer! receive log point
    messaging.destination.template              string   producer consumer receive point
    messaging.destination.anonymous             boolean  producer consumer receive
    messaging.destination.temporary             boolean  producer consumer receive
    messaging.batch.message_count               int      producer consumer receive log
    messaging.message.id                        string   producer consumer receive link log
    messaging.message.conversation_id           string   producer consumer receive link log
    messaging.message.body.size                 int      producer consumer receive link log
    messaging.message.envelope.size             int      producer consumer receive link
    messaging.kafka.message.key                 string   producer consumer receive link log
    messaging.kafka.message.tombstone           boolean  producer consumer receive link
    messaging.kafka.cluster.id                  string   producer consumer receive
    messaging.rabbitmq.destination.routing_key  string   producer consumer receive link
    messaging.rabbitmq.message.delivery_tag     int      consumer receive link
    `,
  ),
  ...keyRules(
    "new",
    `
    messaging.operation.name                    string   producer! consumer! receive! log point
    messaging.operation.type                    string   producer! consumer! receive! log point = create send receive process settle
    messaging.consumer.group.name               string   consumer receive log point
    messaging.destination.subscription.name     string   consumer receive point
    messaging.destination.partition.id          string   producer consumer receive link log point
    messaging.client.id                         string   producer consumer receive log point
    messaging.kafka.offset                      int      consumer receive link log
    `,
  ),
  ...keyRules(
    "old",
    `
    messaging.operation                         string   producer! consumer! receive! = publish create receive process deliver settle
    messaging.client_id                         string   producer consumer receive
    messaging.kafka.consumer.group              string   consumer receive
    messaging.kafka.destination.partition       int      producer consumer receive link
    messaging.kafka.message.offset              int      consumer receive link
    `,
  ),
];
