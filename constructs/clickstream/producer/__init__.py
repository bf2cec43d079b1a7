"""The sample producer: an EC2 instance that sends generated events."""

from clickstream.bundling.code import producer_code
from clickstream.producer.machine import processor_of
from clickstream.producer.network import ProducerNetwork
from clickstream.producer.sample_producer import SampleProducer

__all__ = ["ProducerNetwork", "SampleProducer", "processor_of", "producer_code"]
